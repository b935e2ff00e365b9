const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Clocks are put forward or back at a quarter of an hour in UTC, and are so many of them apart. */
const QUARTER = HOUR / 4;
/** Days and quarters of an hour that something is remembered of. */
const MOST_REMEMBERED = 10_000;

/** A stretch of time in which the clocks of a zone show one and the same hour: an hour long, but shorter where they are changed within it. */
export interface LocalHour {
  /** Epoch milliseconds, half open. */
  readonly from: number;
  readonly to: number;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0 to 23, as the clock shows it; when the clock is put back, one comes twice. */
  readonly hour: number;
}

interface Zone {
  readonly clock: Intl.DateTimeFormat;
  /** Offset by day in UTC; null for a day on which it changes. */
  readonly days: Map<number, number | null>;
  readonly quarters: Map<number, number>;
}

/** Bounded by the some 600 zones that there are. */
const zones = new Map<string, Zone>();

/** The date that the calendars of an IANA zone show at an instant (epoch milliseconds), as `YYYY-MM-DD`. */
export function localDateAt(instant: number, timeZone: string): string {
  return dateOf(instant + utcOffsetAt(instant, timeZone));
}

/** The local hour that the instant (epoch milliseconds) lies in. */
function localHourAt(instant: number, timeZone: string): LocalHour {
  const offset = utcOffsetAt(instant, timeZone);
  const shown = Math.floor((instant + offset) / HOUR);
  const begins = shown * HOUR - offset;
  let from = Math.floor(instant / QUARTER) * QUARTER;
  while (from > begins && utcOffsetAt(from - 1, timeZone) === offset) from -= QUARTER;
  let to = (Math.floor(instant / QUARTER) + 1) * QUARTER;
  while (to < begins + HOUR && utcOffsetAt(to, timeZone) === offset) to += QUARTER;
  return { from: Math.max(from, begins), to: Math.min(to, begins + HOUR), date: dateOf(shown * HOUR), hour: ((shown % 24) + 24) % 24 };
}

/** The local hours that a span touches, in order. */
export function localHoursOver(span: { readonly from: number; readonly to: number }, timeZone: string): readonly LocalHour[] {
  const hours: LocalHour[] = [];
  for (let at = span.from; at < span.to; ) {
    const hour = localHourAt(at, timeZone);
    hours.push(hour);
    at = hour.to;
  }
  return hours;
}

/** By how many milliseconds the clocks of a zone are ahead of UTC. @throws RangeError for an unknown zone. */
function utcOffsetAt(instant: number, timeZone: string): number {
  const zone = zoneOf(timeZone);
  const day = Math.floor(instant / DAY);
  let offset = zone.days.get(day);
  if (offset === undefined) {
    const first = readOffset(zone, day * DAY);
    // Nowhere are clocks changed to and fro on one day.
    offset = first === readOffset(zone, (day + 1) * DAY - QUARTER) ? first : null;
    remember(zone.days, day, offset);
  }
  if (offset !== null) return offset;
  const quarter = Math.floor(instant / QUARTER);
  const known = zone.quarters.get(quarter) ?? readOffset(zone, quarter * QUARTER);
  remember(zone.quarters, quarter, known);
  return known;
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    const clock = new Intl.DateTimeFormat('en-US', { timeZone, era: 'short', ...parts, hourCycle: 'h23' });
    zone = { clock, days: new Map(), quarters: new Map() };
    zones.set(timeZone, zone);
  }
  return zone;
}

function readOffset({ clock }: Zone, instant: number): number {
  const shown: Record<string, string> = {};
  for (const { type, value } of clock.formatToParts(instant)) shown[type] = value;
  const year = shown.era === 'BC' ? 1 - Number(shown.year) : Number(shown.year);
  // Date.UTC takes years below 100 for those of the last century.
  const local = new Date(0).setUTCFullYear(year, Number(shown.month) - 1, Number(shown.day)) + timeOf(shown);
  return local - Math.floor(instant / 1_000) * 1_000;
}

function timeOf({ hour, minute, second }: Record<string, string>): number {
  return ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
}

function remember<Value>(known: Map<number, Value>, key: number, value: Value): void {
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(key, value);
}

/** Dates by day since 1970. */
const dates = new Map<number, string>();

function dateOf(local: number): string {
  const day = Math.floor(local / DAY);
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * DAY).toISOString().slice(0, 10);
    remember(dates, day, date);
  }
  return date;
}
