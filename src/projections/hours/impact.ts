import type { LocalHour } from '../../domain/local-hours.ts';
import type { Span } from '../../domain/span.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedEvent, Lookup } from '../projection.ts';
import { fleetAfter } from './fleets.ts';
import { type Move, movesOf } from './moves.ts';
import { HOURLY_FLEETS, HOURLY_TOUCHED, type HourlyFleetRow, type HourlyTouchedRow } from './tables.ts';
import { hoursIn, hoursTouchedBy } from './touched.ts';

/** What an event means for the hours of a fleet. */
export interface Impact {
  readonly before: HourlyFleetRow;
  readonly after: HourlyFleetRow;
  /** What moves within rows. */
  readonly moves: readonly Move[];
  /** Hours whose rows are to be made again, by their start. */
  readonly hours: ReadonlyMap<number, LocalHour>;
  /** Hours by the clocks of before; null where the clocks stay, as they nearly always do. */
  readonly former: ReadonlyMap<number, LocalHour> | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** An hour that ended so long ago, in milliseconds, keeps what it has, whatever becomes of its bookings and of the fleet. */
const SETTLED_AFTER = 2 * HOUR;
const EVER: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const NO_HOURS: ReadonlyMap<number, LocalHour> = new Map();
const known = new WeakMap<
  FeedEvent,
  { readonly fleet: HourlyFleetRow; readonly touched: HourlyTouchedRow | undefined; readonly impact: Impact }
>();

/** Hours that ended before the instant (epoch milliseconds) are not touched by the event. */
export function settledBefore({ at }: FeedEvent): number {
  return at - SETTLED_AFTER;
}

/** Null when the event is about no fleet. Made once for all the rows that ask. */
export function impactOf(feedEvent: FeedEvent, lookup: Lookup): Impact | null {
  const slotId = slotIdOfStream(feedEvent.streamId);
  const fleet = slotId === null ? undefined : lookup(HOURLY_FLEETS, [slotId]);
  if (slotId === null || fleet === undefined) return null;
  const touched = lookup(HOURLY_TOUCHED, [slotId]);
  const made = known.get(feedEvent);
  if (made?.fleet === fleet && made.touched === touched) return made.impact;
  const impact = impactOn(fleet, touched?.days ?? {}, feedEvent);
  known.set(feedEvent, { fleet, touched, impact });
  return impact;
}

function impactOn(before: HourlyFleetRow, days: HourlyTouchedRow['days'], feedEvent: FeedEvent): Impact {
  const settled = settledBefore(feedEvent);
  const after = fleetAfter(before, feedEvent);
  const moved = movesOf(feedEvent, before);
  const moves = moved.filter(({ isStanding }) => !isStanding);
  if (after.timeZone !== before.timeZone) {
    // The first hour by the new clocks may have begun before the one that was running by the old ones.
    const former = hoursIn(days, before, EVER, settled - 2 * HOUR);
    return { before, after, moves, hours: hoursTouchedBy([...former.values()], { ...after, bufferMinutes: 0 }, settled), former };
  }
  const hours = new Map(moves.length === 0 ? NO_HOURS : hoursTouchedBy(moves, after, settled));
  const standing = moved.filter(({ isStanding }) => isStanding).map((move) => withBuffer(move, before));
  for (const span of isAboutAllHours(feedEvent) ? [EVER] : standing) {
    for (const [start, hour] of hoursIn(days, before, span, settled)) hours.set(start, hour);
  }
  return { before, after, moves, hours, former: null };
}

/** Whether the event changes what every hour to come says. */
function isAboutAllHours({ event }: FeedEvent): boolean {
  switch (event.type) {
    case 'UnitsAdded':
    case 'UnitsWithdrawn':
      return true;
    case 'UnitsChanged':
      return event.changes.some(({ capacity }) => capacity !== undefined);
    case 'SlotChanged':
      return ['title', 'venue', 'metadata', 'timeZone'].some((name) => name in event.changes);
    default:
      return false;
  }
}

/** With the time before it that needs the buffer. */
function withBuffer({ from, to }: Span, { bufferMinutes }: HourlyFleetRow): Span {
  return { from: from - bufferMinutes * MINUTE, to };
}
