import { type LocalHour, localHoursOver } from '../../domain/local-hours.ts';
import type { Span } from '../../domain/span.ts';
import type { HourlyFleetRow, HourlyTouchedRow } from './tables.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Days = HourlyTouchedRow['days'];

/**
 * The local hours for which it matters what is taken in the spans: those that they touch, and those before
 * them that need the buffer. What is over at the instant is left out.
 */
export function hoursTouchedBy(
  spans: readonly Span[],
  { timeZone, bufferMinutes }: HourlyFleetRow,
  at: number,
): ReadonlyMap<number, LocalHour> {
  const hours = new Map<number, LocalHour>();
  // As a rule all units of an event have the same span.
  const distinct = new Map(spans.map((span) => [`${span.from} ${span.to}`, span]));
  for (const { from, to } of distinct.values()) {
    // The hour that is running may have been touched only before the instant.
    const touched = { from: Math.max(from - bufferMinutes * MINUTE, at - HOUR), to };
    for (const hour of localHoursOver(touched, timeZone)) if (hour.to > at) hours.set(hour.from, hour);
  }
  return hours;
}

/** Local hours that may have rows, among those that the span touches and that are not over at the instant. */
export function hoursIn(days: Days, { timeZone }: HourlyFleetRow, span: Span, at: number): ReadonlyMap<number, LocalHour> {
  const hours = new Map<number, LocalHour>();
  for (const [day, bits] of Object.entries(days)) {
    for (let hour = 0; hour < 24; hour += 1) {
      const from = Number(day) * DAY + hour * HOUR;
      if ((bits & (1 << hour)) === 0 || from >= span.to || from + HOUR <= span.from) continue;
      for (const local of localHoursOver({ from, to: from + HOUR }, timeZone)) {
        if (local.from < span.to && local.to > span.from && local.to > at) hours.set(local.from, local);
      }
    }
  }
  return hours;
}

/** The days with these hours, and without what is long over; the same object when nothing changes. */
export function withHours(days: Days, hours: Iterable<LocalHour>, at: number): Days {
  const firstKept = Math.floor(at / DAY) - 1;
  const changed = new Map<number, number>();
  for (const { from, to } of hours) {
    for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour += 1) {
      const day = Math.floor(hour / 24);
      const known = changed.get(day) ?? days[day] ?? 0;
      const bits = known | (1 << (hour - day * 24));
      if (bits !== known) changed.set(day, bits);
    }
  }
  const isOver = Object.keys(days).some((day) => Number(day) < firstKept);
  if (changed.size === 0 && !isOver) return days;
  const kept = Object.entries(days).filter(([day]) => Number(day) >= firstKept);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(changed) };
}
