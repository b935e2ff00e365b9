import type pg from 'pg';
import { EventsDetachedError, type FeedFilter } from '../event-store.ts';

/** At a hundred thousand events a second the half partition that is left when the next one is made lasts for 50 s. */
const LOOK_EVERY_MS = 30_000;

/**
 * Has the next partition of the events made long before it is needed. Every instance may do so; without
 * any, the append that needs it makes it and takes some 10 ms longer.
 */
export function keepRoomAhead(pool: pg.Pool): { stop(): void } {
  const timer = setInterval(() => {
    // What goes wrong here is tried again, and by the append at last, which tells.
    pool.query('SELECT holdfast.make_room_ahead()').catch(() => undefined);
  }, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/**
 * A page of the whole feed, which has no gaps.
 * @throws EventsDetachedError when there is one, right behind the position or within.
 */
export function withoutGap<Event extends { readonly position: number }>(after: number, events: readonly Event[]): readonly Event[] {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) return events;
  if (first.position > Math.max(after, 0) + 1) throw detached(first.position);
  if (last.position - first.position >= events.length) throw detached(last.position);
  return events;
}

/**
 * Says no to reading a part of the feed, after the position, that may have had events in what was detached: of instants too close
 * to the first event that is left, nobody here knows.
 * @throws EventsDetachedError
 */
export async function checkReach(from: Pick<pg.ClientBase, 'query'>, after: number, filter: FeedFilter): Promise<void> {
  const { rows } = await from.query<{ kept: number; wanted: number }>(
    `SELECT position AS kept, coalesce(holdfast.first_position_at($1::bigint), 1) AS wanted FROM holdfast.events ORDER BY position LIMIT 1`,
    [filter.from === undefined ? null : Math.ceil(filter.from)],
  );
  const [{ kept, wanted } = { kept: 1, wanted: 1 }] = rows;
  if (after + 1 < kept && wanted <= kept) throw detached(kept);
}

function detached(kept: number): EventsDetachedError {
  return new EventsDetachedError(`Events of the log before position ${kept} are not in the database: their partition was detached.`);
}
