import { formatInstant } from '../commands/schemas/instants.ts';
import type { Axis } from '../domain/axis.ts';
import type { Span } from '../domain/span.ts';

/** More names than this make no line readable; `--json` has them all. */
const MAX_NAMED = 12;

/** `A1, A2, yard ×3` */
export function unitsInWords(units: readonly { readonly unitId: string; readonly quantity?: number }[]): string {
  const named = units.slice(0, MAX_NAMED).map(({ unitId, quantity = 1 }) => (quantity === 1 ? unitId : `${unitId} ×${quantity}`));
  const more = units.length - named.length;
  return named.length === 0 ? 'nothing' : named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** ` (reason)`, or nothing. */
export function inBrackets(reason: string | null): string {
  return reason === null || reason === '' ? '' : ` (${reason})`;
}

/** Tells instants on the wall clock of a zone. */
export type LocalClock = (instant: number) => string;

/** Distances at which the wall clock may show the same time again, in milliseconds. */
const REPEATS = [-3_600_000, -1_800_000, 1_800_000, 3_600_000];

/** `2027-01-10 12:00:03`; in the hour that a zone lives twice, with the offset that tells which one it is. */
export function clockOf(timeZone: string): LocalClock {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, ...parts });
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (instant) => {
    const text = formatter.format(instant);
    const fraction = instant % 1_000 === 0 ? '' : `.${String(instant % 1_000).padStart(3, '0')}`;
    if (REPEATS.every((distance) => formatter.format(instant + distance) !== text)) return text + fraction;
    const name = offset.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
    return `${text}${fraction} ${name}`;
  };
}

/** A span in words of its axis, with a blank before it; nothing for the whole slot. */
export function spanInWords(axis: Axis, { from, to }: Span, clock: LocalClock): string {
  switch (axis.type) {
    case 'whole':
      return '';
    case 'stops':
      return ` from ${axis.stops[from]?.stopId ?? from} to ${axis.stops[to]?.stopId ?? to}`;
    case 'time':
      return ` for ${boundInWords(from, clock)} to ${boundInWords(to, clock)}`;
  }
}

/** Blocks may reach to the end of the axis. */
function boundInWords(instant: number, clock: LocalClock): string {
  return Math.abs(instant) >= 8_640_000_000_000_000 ? 'the end of time' : clock(instant);
}

/** The same where no axis is at hand: coordinates beyond any number of stops are instants. */
export function coordinatesInWords({ from, to }: Span): string {
  if (from === 0 && to === 1) return '';
  return Math.abs(to) < 1_000_000 ? ` over stops ${from} to ${to}` : ` from ${coordinate(from)} to ${coordinate(to)}`;
}

function coordinate(instant: number): string {
  return Math.abs(instant) >= 8_640_000_000_000_000 ? 'the end of time' : formatInstant(instant);
}
