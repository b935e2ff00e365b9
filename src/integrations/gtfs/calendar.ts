import { InputError } from '../input-error.ts';
import { type CivilDate, compactDate, parseCivilDate, weekdayOf } from '../wall-clock.ts';
import type { FeedFiles } from './feed-files.ts';
import { primaryKey, readOptionalTable, type TableRow } from './table.ts';

/** In the order of `weekdayOf`. */
const DAY_COLUMNS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

interface WeeklyService {
  readonly days: readonly boolean[];
  readonly start: string;
  readonly end: string;
}

export interface ServiceCalendar {
  /** Whether there is such a service at all. */
  has(serviceId: string): boolean;
  runsOn(serviceId: string, date: CivilDate): boolean;
}

/**
 * The days of service by calendar.txt (weekly patterns) and calendar_dates.txt (days added and
 * removed); a feed may have either or both.
 * @throws InputError when it has neither, or one is malformed, or has a service or its day twice.
 */
export function readServiceCalendar(feed: FeedFiles): ServiceCalendar {
  const weekly = readOptionalTable(feed, 'calendar.txt', ['service_id', ...DAY_COLUMNS, 'start_date', 'end_date']);
  const exceptions = readOptionalTable(feed, 'calendar_dates.txt', ['service_id', 'date', 'exception_type']);
  if (weekly === null && exceptions === null) throw new InputError('calendar.txt and calendar_dates.txt are both missing from the feed');

  const serviceOf = primaryKey('service_id');
  const services = new Map((weekly ?? []).map((row) => [serviceOf(row), weeklyService(row)]));
  const dayOf = primaryKey('date', (row) => `${dateOf(row, 'date')} ${row.required('service_id')}`);
  const added = new Map((exceptions ?? []).map((row) => [dayOf(row), isAddition(row)]));
  const known = new Set([...services.keys(), ...(exceptions ?? []).map((row) => row.required('service_id'))]);

  return {
    has: (serviceId) => known.has(serviceId),
    runsOn(serviceId, date) {
      const day = compactDate(date);
      const exception = added.get(`${day} ${serviceId}`);
      if (exception !== undefined) return exception;
      const service = services.get(serviceId);
      return service !== undefined && service.start <= day && day <= service.end && service.days[weekdayOf(date)] === true;
    },
  };
}

function weeklyService(row: TableRow): WeeklyService {
  const days = DAY_COLUMNS.map((column) => {
    const value = row.required(column);
    if (value !== '0' && value !== '1') throw row.fault(column, `${JSON.stringify(value)} is neither 0 nor 1`);
    return value === '1';
  });
  return { days, start: dateOf(row, 'start_date'), end: dateOf(row, 'end_date') };
}

function isAddition(row: TableRow): boolean {
  const type = row.required('exception_type');
  if (type !== '1' && type !== '2') throw row.fault('exception_type', `${JSON.stringify(type)} is neither 1 (added) nor 2 (removed)`);
  return type === '1';
}

function dateOf(row: TableRow, column: string): string {
  const text = row.required(column);
  const date = text.length === 8 ? parseCivilDate(text) : null;
  if (date === null) throw row.fault(column, `${JSON.stringify(text)} is not a date such as 20271231`);
  return compactDate(date);
}
