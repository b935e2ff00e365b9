import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import type { LayoutEvent } from '../../src/domain/layout.ts';
import type { SlotEvent } from '../../src/domain/slot/events.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { encodeEvent, encodeMetadata } from '../../src/eventstore/catalogue/codec.ts';
import type { EventStore, NewEvent } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { hours } from '../../src/projections/hours/hours.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { RunnerLog } from '../../src/projections/loop-state.ts';
import type { ProjectionRelease } from '../../src/projections/projection.ts';
import { createProjectionRunner, type ProjectionRunner } from '../../src/projections/runner.ts';
import { sales } from '../../src/projections/sales/sales.ts';
import { createQueries, type Queries } from '../../src/queries/queries.ts';
import { NOW } from './slot-builders.ts';
import { positionOf } from './stored-events.ts';

/** What questions are answered by. */
export const PROJECTIONS = [inventory, bookings];
/** With what analysts read. */
export const ALL_PROJECTIONS = [...PROJECTIONS, sales, hours];
export const RELEASES: readonly ProjectionRelease[] = PROJECTIONS.map((current) => ({ current }));
export const SILENT: RunnerLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WAIT_MS = 10_000;

/** A log in memory whose events the real projections put into a real database. */
export interface ReadSide {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly runner: ProjectionRunner;
  readonly queries: Queries;
  /** Appends to the slot's stream (by default `hamlet`) and waits until every view has it. @returns the last event's position. */
  tell(events: readonly Happened[], slotId?: string): Promise<number>;
  /** Waits until every view has reached the position. */
  reached(position: number): Promise<void>;
  close(): Promise<void>;
}

/** An event at NOW, or a fact that says when. */
export type Happened = SlotEvent | LayoutEvent | SlotFact;

/** @param now what queries take for the present, epoch milliseconds. */
export function startReadSide(connectionString: string, now: () => number = () => NOW, projections = PROJECTIONS): ReadSide {
  const pool = poolOn(connectionString);
  const store = createMemoryEventStore();
  const runner = createProjectionRunner({ pool, store, projections: projections.map((current) => ({ current })), log: SILENT });
  const queries = createQueries({ pool, live: runner.live, watch: runner.watch, now });
  runner.start();
  const reached = async (position: number) => {
    for (const question of ['slot', 'booking'] as const) {
      const wait = await queries.waitForPosition(question, position, WAIT_MS);
      if (!wait.reached) expect.fail(`The views are not at ${position}: ${JSON.stringify(await runner.status())}`);
    }
  };
  return {
    pool,
    store,
    runner,
    queries,
    reached,
    tell: async (events, slotId = 'hamlet') => {
      const position = await append(store, `slot-${slotId}`, events);
      await reached(position);
      return position;
    },
    close: async () => {
      await runner.stop();
      await store.close();
      await pool.end();
    },
  };
}

export function poolOn(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  // Tests cut connections; whoever needs one meanwhile is told.
  pool.on('error', () => undefined);
  return pool;
}

/** Appends to the end of a stream. @returns the last event's position. */
export async function append(store: EventStore, streamId: string, events: readonly Happened[]): Promise<number> {
  return appendRaw(store, streamId, events.map(recorded));
}

export async function appendRaw(store: EventStore, streamId: string, events: readonly NewEvent[]): Promise<number> {
  const expectedVersion = (await store.readStream(streamId, 1, 5_000)).length;
  return positionOf(await store.append([{ streamId, expectedVersion, events }]));
}

/** The event as a command service stores it. */
export function recorded(happened: Happened): NewEvent {
  const { event, at } = 'event' in happened ? happened : { event: happened, at: NOW };
  const by = { actor: 'test', commandId: null, commandHash: null, correlationId: 'test', causationId: null };
  return { eventId: randomUUID(), ...encodeEvent(event), metadata: encodeMetadata({ at, ...by }), origin: { event, at } };
}
