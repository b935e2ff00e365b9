import type { Weekday } from './axis.ts';

/** An instant on the wall clock of a zone. */
export interface LocalTime {
  readonly weekday: Weekday;
  /** Minutes since local midnight as the clock shows them, whole minutes. */
  readonly minuteOfDay: number;
}

const WEEKDAYS: Readonly<Record<string, Weekday>> = { Mon: 'MO', Tue: 'TU', Wed: 'WE', Thu: 'TH', Fri: 'FR', Sat: 'SA', Sun: 'SU' };

/** Formatters cost far more to make than to use; there are some 600 zones, so the cache is bounded by nature. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/**
 * The wall clock of an IANA zone at an instant (epoch milliseconds), daylight saving included.
 * @throws RangeError for an unknown zone.
 */
export function localTimeAt(instant: number, timeZone: string): LocalTime {
  const parts: Record<string, string> = {};
  for (const part of formatterFor(timeZone).formatToParts(instant)) parts[part.type] = part.value;
  return { weekday: WEEKDAYS[parts.weekday as string] as Weekday, minuteOfDay: Number(parts.hour) * 60 + Number(parts.minute) };
}

export function isTimeZone(name: string): boolean {
  try {
    formatterFor(name);
    return true;
  } catch {
    return false;
  }
}
