import type pg from 'pg';
import type { CommandContext, CommandService } from '../commands/command-service.ts';
import { OutcomeUnknownError, StoreUnavailableError } from '../eventstore/event-store.ts';
import { bookings } from '../projections/bookings/bookings.ts';
import { BOOKED_SLOTS, BOOKINGS } from '../projections/bookings/tables.ts';
import type { LiveBuilds } from '../projections/builds/live-builds.ts';
import { createLoneWorker, type LoneWorker, type WorkerLog } from './lone-worker.ts';

/** How often lapsed holds are looked for: the contract promises that views show a lapse within a second. */
const INTERVAL_MS = 250;

/** Slots that the read model is asked for at once, and bookings recorded in one append. */
const SLOTS_PER_PAGE = 100;
const BOOKINGS_PER_APPEND = 100;

/**
 * Slots whose lapses are recorded at a time. Most have a single one, and wait for their state and for a commit, which they share: so
 * many are a thousand slots in a second where that takes 30 ms. A customer's command on a slot that has to be read first stands
 * behind four of their reads on each of the eight connections that slots are read on, which is some milliseconds.
 */
const LAPSING_AT_ONCE = 32;
/** The same of cancelled slots: each may be a stadium, which is a hundred megabytes, and has full appends to make in a row. */
const CANCELLING_AT_ONCE = 4;

/** Milliseconds after which a round takes no further page of lapsed holds, since cancelled slots are waiting as well. */
const LAPSING_MS = 1_000;
/** Milliseconds that a round gives to cancellations, of which a stadium has tens of thousands: holds that lapse meanwhile are waiting. */
const CANCELLING_MS = 400;

/** So many slots' versions are remembered; when there are more, remembering begins anew. */
const MAX_KNOWN = 100_000;

/** Milliseconds for which a slot that could not be released is left alone, so that it neither holds up the others nor fills the log. */
const SET_ASIDE_MS = 5_000;

const PROCESS: CommandContext = { commandId: null, commandHash: null, ifMatch: null, actor: 'release-process', correlationId: 'release' };

/**
 * What is overdue, as the read model of bookings tells: it may lag, and the slot itself decides. Slots
 * come in the order of their ids, those behind the given one, so that a page follows upon another; ''
 * is before all.
 */
export interface OverdueSlots {
  /** Slots with holds that ran out before the instant (epoch milliseconds). */
  expired(now: number, after: string, limit: number): Promise<readonly string[]>;
  /** Cancelled slots with bookings whose cancellation is not recorded yet. */
  cancelled(after: string, limit: number): Promise<readonly string[]>;
}

/**
 * Records that holds ran out and that the bookings of cancelled slots are cancelled, so that views
 * and whoever listens learn of it. Nobody has to wait for it: the slots decide by the clock.
 */
export function createReleaseProcess(parts: {
  readonly pool: pg.Pool;
  readonly commands: CommandService;
  readonly overdue: OverdueSlots;
  readonly now: () => number;
  readonly log: WorkerLog;
}): LoneWorker {
  const { pool, commands, overdue, now, log } = parts;

  /** Until when slots are left alone. */
  const setAside = new Map<string, number>();
  /** The version at which a slot's lapses were recorded last: one that is overdue at that version still has none that are new. */
  const known = new Map<string, number>();
  let changed = 0;

  const nextExpired = inTurn((after) => overdue.expired(now(), after, SLOTS_PER_PAGE));
  const nextCancelled = inTurn((after) => overdue.cancelled(after, SLOTS_PER_PAGE));

  async function round(): Promise<void> {
    for (const [slotId, until] of setAside) if (until <= now()) setAside.delete(slotId);
    if (known.size > MAX_KNOWN) known.clear();
    await recordLapses(performance.now() + LAPSING_MS);
    const until = performance.now() + CANCELLING_MS;
    await forEach(await nextCancelled(), CANCELLING_AT_ONCE, (slotId) => attempt(slotId, () => releaseCancelled(slotId, until)));
  }

  /**
   * Page by page to the last one, or until the instant (of `performance.now()`), and the others in a round to come. A page that brings
   * nothing new is the last one as well: a read model that stands still calls the same slots overdue for as long as it does.
   */
  async function recordLapses(until: number): Promise<void> {
    for (let goesOn = true; goesOn && performance.now() < until; ) {
      const slotIds = await nextExpired();
      const before = changed;
      await forEach(slotIds, LAPSING_AT_ONCE, (slotId) => attempt(slotId, releaseExpired));
      goesOn = slotIds.length >= SLOTS_PER_PAGE && changed > before;
    }
  }

  async function attempt(slotId: string, release: (slotId: string) => Promise<void>): Promise<void> {
    if (setAside.has(slotId)) return;
    try {
      await release(slotId);
    } catch (error) {
      // What ails the store ails all slots: the worker tries again later.
      if (error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError) throw error;
      setAside.set(slotId, now() + SET_ASIDE_MS);
      log.warn({ slotId, err: error }, 'slot could not be released, going on with the others');
    }
  }

  async function releaseExpired(slotId: string): Promise<void> {
    const { place } = await commands.execute(slotId, { type: 'ReleaseExpired', limit: BOOKINGS_PER_APPEND }, PROCESS);
    if (known.get(slotId) !== place.version) changed += 1;
    known.set(slotId, place.version);
  }

  /**
   * Again until nothing is added, so that a full stadium does not take a round of waiting for each hundred bookings;
   * or until the instant (of `performance.now()`), and the rest in a round to come. A slot gets one append at least.
   */
  async function releaseCancelled(slotId: string, until: number): Promise<void> {
    let limit = BOOKINGS_PER_APPEND;
    for (let version = -1; version < 0 || performance.now() < until; ) {
      const result = await commands.execute(slotId, { type: 'ReleaseCancelled', limit }, PROCESS);
      if (result.kind === 'refused' && result.refusal.kind === 'limit-exceeded' && limit > 1) {
        // Bookings of hundreds of units: fewer of them fit into an append.
        limit = Math.ceil(limit / 2);
        continue;
      }
      if (result.place.version === version) return;
      version = result.place.version;
    }
  }

  return createLoneWorker({ name: 'release', pool, intervalMs: INTERVAL_MS, round, log });
}

/**
 * Reads a page each time it is called, and begins again behind the last one. Slots stay overdue that
 * cannot be released, and all of them do while the read model stands still: from the front, a page full
 * of those would be read for ever, and no other slot.
 */
function inTurn(pageAfter: (slotId: string) => Promise<readonly string[]>): () => Promise<readonly string[]> {
  let after = '';
  return async () => {
    const slotIds = await pageAfter(after);
    // It moves on before anything is done, so that a round that is broken off does not come back to the same page for ever.
    after = slotIds.length < SLOTS_PER_PAGE ? '' : (slotIds.at(-1) ?? '');
    return slotIds;
  };
}

/** So many at a time, the next one as soon as one is done. After an error none is begun any more. @throws the first one, when all are done. */
async function forEach(slotIds: readonly string[], atOnce: number, release: (slotId: string) => Promise<void>): Promise<void> {
  const waiting = slotIds.values();
  let isBrokenOff = false;
  const work = async () => {
    for (const slotId of waiting) {
      await release(slotId).catch((error: unknown) => {
        isBrokenOff = true;
        throw error;
      });
      if (isBrokenOff) return;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, work));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Reads what is overdue from the read model of bookings, whichever build of it is read. */
export function overdueSlotsIn(pool: pg.Pool, live: LiveBuilds): OverdueSlots {
  return {
    async expired(now, after, limit) {
      const build = await live.current(bookings);
      // Both ends of the time are told, and the slots stay in front of the fence: else a database that has not looked at the table for
      // long takes it for quicker to walk through all open bookings, several times a second, of which but few may be overdue.
      const { rows } = await pool.query<{ slot_id: string }>(
        `WITH overdue AS MATERIALIZED (
           SELECT slot_id FROM ${build.table(BOOKINGS)}
            WHERE status = 'HELD'
              AND expires_at BETWEEN '-infinity' AND to_timestamp($1::double precision / 1000)
         )
         SELECT DISTINCT slot_id FROM overdue WHERE slot_id > $2 ORDER BY slot_id LIMIT $3`,
        [now, after, limit],
      );
      return rows.map((row) => row.slot_id);
    },
    async cancelled(after, limit) {
      const build = await live.current(bookings);
      const { rows } = await pool.query<{ slot_id: string }>(
        `SELECT slot_id FROM ${build.table(BOOKED_SLOTS)} AS slot
          WHERE cancelled AND slot_id > $1
            AND EXISTS (SELECT FROM ${build.table(BOOKINGS)} WHERE slot_id = slot.slot_id AND status IN ('HELD', 'CONFIRMED'))
          ORDER BY slot_id LIMIT $2`,
        [after, limit],
      );
      return rows.map((row) => row.slot_id);
    },
  };
}
