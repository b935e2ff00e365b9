import { expect } from 'chai';
import pg from 'pg';
import { ExplainingDatabase } from '../../bench/plans/explaining.ts';
import type { CommandResult } from '../../src/commands/command-service.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import type { LoneWorker } from '../../src/processes/lone-worker.ts';
import { createReleaseProcess, type OverdueSlots, overdueSlotsIn } from '../../src/processes/release.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import type { LiveBuilds } from '../../src/projections/builds/live-builds.ts';
import { createProjectionRunner, type ProjectionRunner } from '../../src/projections/runner.ts';
import { acceptedOf, type CommandSide, commandSide, eventsOf, typesOf } from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { withDatabase } from '../support/postgres.ts';
import { book, confirm, NOW, POLICY, SECOND, seats, yard } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOTHING: OverdueSlots = { expired: async () => [], cancelled: async () => [] };

function acceptedAt(slotId: string): CommandResult {
  return {
    kind: 'accepted',
    replayed: false,
    place: { position: 1, streamId: slotId, version: 1 },
    booking: null,
    slot: null,
    currency: 'GBP',
  };
}

/** So many ids, in their order. */
function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `s${String(index).padStart(4, '0')}`);
}

describe('the release process', () => {
  const database = withDatabase();
  let pool: pg.Pool;

  before(() => {
    pool = new pg.Pool({ connectionString: database(), max: 8 });
    pool.on('error', () => undefined);
  });
  after(() => pool.end());

  describe('on a log with its read model', () => {
    let store: PostgresEventStore;
    let spied: FaultyStore;
    let commands: CommandSide;
    let runner: ProjectionRunner;
    let worker: LoneWorker;

    before(async () => {
      store = await createPostgresEventStore({ connectionString: database() });
      spied = createFaultyStore(store);
      commands = commandSide(spied);
      runner = createProjectionRunner({ pool, store, projections: [{ current: bookings }], log: QUIET });
      runner.start();
      worker = createReleaseProcess({ pool, commands, overdue: overdueSlotsIn(pool, runner.live), now: store.now, log: QUIET });
      worker.start();
    });
    after(async () => {
      await worker.stop();
      await runner.stop();
      await store.close();
    });

    it('records a lapsed hold within about a second, and nothing else', async () => {
      await commands.open('brief', { units: seats(3), policy: { ...POLICY, holdSeconds: 1 } });
      acceptedOf(await commands.ask('brief', book('lapses', ['A1'])));
      acceptedOf(await commands.ask('brief', book('stays', ['A2'])));
      acceptedOf(await commands.ask('brief', confirm('stays')));

      await waitUntil('the lapse is on record', async () => (await typesOf(store, 'brief')).includes('BookingExpired'));

      const [lapse] = (await eventsOf(store, 'brief')).slice(6);
      const { expiresAt, bookingId } = JSON.parse(lapse?.data ?? '');
      expect(bookingId).to.equal('lapses');
      expect((lapse?.recordedAt ?? 0) - expiresAt, 'milliseconds late').to.be.within(0, 3 * SECOND);
      expect(await typesOf(store, 'brief')).to.have.length(7);
    });

    it('records the cancellation of all bookings of a cancelled slot, in batches', async () => {
      await commands.open('called-off', { units: [yard(500)] });
      await Promise.all(Array.from({ length: 250 }, (_, index) => commands.ask('called-off', book(`b${index}`, [['yard', 2]]))));
      for (const index of [0, 1, 2]) acceptedOf(await commands.ask('called-off', confirm(`b${index}`)));
      acceptedOf(await commands.ask('called-off', { type: 'CancelSlot', reason: 'storm' }));
      const before = spied.sent.length;

      const released = async () => (await typesOf(store, 'called-off')).filter((type) => type === 'BookingCancelled').length;
      await waitUntil('all are released', async () => (await released()) === 250);

      const batches = spied.sent.slice(before).map(({ events }) => events.length);
      expect(batches).to.deep.equal([100, 100, 50]);
      const reasons = new Set(
        (await eventsOf(store, 'called-off')).filter(({ type }) => type === 'BookingCancelled').map(({ data }) => JSON.parse(data).reason),
      );
      expect([...reasons]).to.deep.equal(['slot-cancelled']);
    });
  });

  describe('asking the read model', () => {
    let store: PostgresEventStore;
    let commands: CommandSide;
    let runner: ProjectionRunner;
    let overdue: OverdueSlots;
    const slotIds = ['overdue-a', 'overdue-b', 'overdue-c'];

    before(async () => {
      store = await createPostgresEventStore({ connectionString: database() });
      commands = commandSide(store);
      runner = createProjectionRunner({ pool, store, projections: [{ current: bookings }], log: QUIET });
      runner.start();
      overdue = overdueSlotsIn(pool, runner.live);
      // Not in the order of their ids, and two holds each.
      for (const slotId of [...slotIds].reverse()) {
        await commands.open(slotId, { units: seats(3) });
        for (const [booking, unitId] of Object.entries({ first: 'A1', second: 'A2' })) {
          acceptedOf(await commands.ask(slotId, book(`${slotId}.${booking}`, [unitId])));
        }
      }
    });
    after(async () => {
      await runner.stop();
      await store.close();
    });

    it('is told each slot with lapsed holds once, page by page', async () => {
      const later = store.now() + 24 * 3_600 * SECOND;
      await waitUntil('all are there', async () => (await overdue.expired(later, '', 100)).length === 3);

      expect(await overdue.expired(later, '', 2)).to.deep.equal(slotIds.slice(0, 2));
      expect(await overdue.expired(later, 'overdue-b', 2)).to.deep.equal(slotIds.slice(2));
      expect(await overdue.expired(later, 'overdue-c', 2)).to.deep.equal([]);
      expect(await overdue.expired(store.now() - 24 * 3_600 * SECOND, '', 2)).to.deep.equal([]);
    });

    it('has the database look at what is overdue alone, however many are open and though it knows nothing of the table yet', async () => {
      const { schema } = await runner.live.current(bookings);
      const client = await pool.connect();
      try {
        await client.query(`CREATE TABLE new_bookings (LIKE ${schema}.bookings INCLUDING ALL) WITH (autovacuum_enabled = false)`);
        await client.query(
          `INSERT INTO new_bookings (booking_id, slot_id, customer_id, status, version, adjacent, claims, released, unit_ids, total, requested_at, expires_at, metadata)
           SELECT 'b' || n, 'show', 'c' || n, 'HELD', n, true, '[]', '[]', ARRAY['u' || n], 1, to_timestamp(n), to_timestamp(1e9 + n), '{}'
             FROM generate_series(1, 20000) AS n`,
        );
        const explaining = new ExplainingDatabase(client);
        const ofTable = { current: async () => ({ table: () => 'new_bookings' }) } as unknown as LiveBuilds;
        const asked = overdueSlotsIn(explaining as unknown as pg.Pool, ofTable);
        expect(await asked.expired((1e9 - 1) * SECOND, '', 100)).to.deep.equal([]);
        expect(await asked.expired((1e9 + 1) * SECOND, '', 100)).to.deep.equal(['show']);
        expect(Math.max(...explaining.statements.map(({ pages }) => pages)), 'pages').to.be.within(1, 30);
      } finally {
        await client.query('DROP TABLE IF EXISTS new_bookings');
        client.release();
      }
    });

    it('is told the cancelled slots with bookings left, page by page', async () => {
      for (const slotId of slotIds) acceptedOf(await commands.ask(slotId, { type: 'CancelSlot', reason: null }));
      await waitUntil('all are there', async () => (await overdue.cancelled('', 100)).length === 3);

      expect(await overdue.cancelled('', 2)).to.deep.equal(slotIds.slice(0, 2));
      expect(await overdue.cancelled('overdue-b', 2)).to.deep.equal(slotIds.slice(2));
    });
  });

  describe('with slots that give it trouble', () => {
    async function runWith(overdue: OverdueSlots, execute: CommandSide['execute'], isDone: () => boolean): Promise<readonly object[]> {
      const warnings: object[] = [];
      const log = { ...QUIET, warn: (fields: object) => warnings.push(fields) };
      const commands = { execute, defineLayout: () => Promise.reject(new Error('not asked for')) };
      const worker = createReleaseProcess({ pool, commands, overdue, now: Date.now, log });
      worker.start();
      try {
        await waitUntil('it has gone on', async () => {
          await pool.query('SELECT 1');
          return isDone();
        });
      } finally {
        await worker.stop();
      }
      return warnings;
    }

    it('goes on with the others when one cannot be released, and leaves that one alone for a while', async () => {
      const asked: string[] = [];
      const execute = async (slotId: string): Promise<CommandResult> => {
        asked.push(slotId);
        if (slotId === 'broken') throw new Error('planned: this slot is broken');
        return acceptedAt(slotId);
      };
      const overdue = { ...NOTHING, expired: async () => ['broken', 'sound'], cancelled: async () => ['broken', 'called-off'] };
      const asks = (slotId: string) => asked.filter((one) => one === slotId).length;

      const warnings = await runWith(overdue, execute, () => asks('sound') >= 3 && asks('called-off') >= 3);

      expect(asks('broken')).to.equal(1);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.have.property('slotId', 'broken');
    });

    /** More than a round has room for, and they never go away. */
    const STAYING = [...Array.from({ length: 150 }, (_, index) => `ails-${index}`), 'sound'].sort();
    const pageOfStaying = async (after: string, limit: number) => STAYING.filter((slotId) => slotId > after).slice(0, limit);
    for (const [state, ail] of [
      ['cannot be released', () => Promise.reject(new Error('planned: this slot is broken'))],
      ['are overdue only in a read model that stands still', async (slotId: string) => acceptedAt(slotId)],
    ] as const) {
      it(`comes to all others, time and again, when many ${state}`, async () => {
        const asked: string[] = [];
        const execute = (slotId: string, { type }: SlotCommand): Promise<CommandResult> => {
          asked.push(`${slotId} ${type}`);
          return slotId === 'sound' ? Promise.resolve(acceptedAt(slotId)) : ail(slotId);
        };
        const asks = (what: string) => asked.filter((one) => one === what).length;
        const overdue: OverdueSlots = { expired: (_, after, limit) => pageOfStaying(after, limit), cancelled: pageOfStaying };

        // That the cancelled one is done takes two asks.
        await runWith(overdue, execute, () => asks('sound ReleaseExpired') >= 2 && asks('sound ReleaseCancelled') >= 4);

        expect(new Set(asked.map((one) => one.split(' ')[0])).size).to.equal(STAYING.length);
      });
    }

    it('records the lapses of a thousand slots in one round, so many at a time that customers need not wait', async () => {
      const slotIds = numbered(1_000);
      const left = new Set(slotIds);
      let rounds = 0;
      let underWay = 0;
      let most = 0;
      const execute = async (slotId: string): Promise<CommandResult> => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise(setImmediate);
        underWay -= 1;
        left.delete(slotId);
        return acceptedAt(slotId);
      };
      const overdue: OverdueSlots = {
        expired: async (_, after, limit) => [...left].filter((slotId) => slotId > after).slice(0, limit),
        // The last that is asked in a round.
        cancelled: async () => {
          if (left.size > 0) rounds += 1;
          return [];
        },
      };

      await runWith(overdue, execute, () => left.size === 0 && underWay === 0);

      expect(rounds, 'rounds that left some').to.equal(0);
      expect(most).to.equal(32);
    });

    it('asks a page of slots a round, and no more, while the read model calls overdue what has been recorded', async () => {
      const slotIds = numbered(1_000);
      let asked = 0;
      let rounds = 0;
      const execute = async (slotId: string): Promise<CommandResult> => {
        asked += 1;
        return acceptedAt(slotId);
      };
      const overdue: OverdueSlots = {
        expired: async (_, after, limit) => slotIds.filter((slotId) => slotId > after).slice(0, limit),
        cancelled: async () => {
          rounds += 1;
          return [];
        },
      };

      await runWith(overdue, execute, () => asked >= 1_500);

      // All of them at first, and then five pages.
      expect(rounds).to.be.at.least(5);
    });

    it('comes to cancelled slots while more holds lapse than can be recorded', async () => {
      let lapsed = 0;
      let cancellations = 0;
      const execute = async (slotId: string, { type }: SlotCommand): Promise<CommandResult> => {
        if (type === 'ReleaseCancelled') cancellations += 1;
        await new Promise(setImmediate);
        return acceptedAt(slotId);
      };
      const expired: OverdueSlots['expired'] = async (_now, _after, limit) =>
        Array.from({ length: limit }, () => `lapsed-${String(lapsed++).padStart(9, '0')}`);

      await runWith({ expired, cancelled: async () => ['called-off'] }, execute, () => cancellations >= 2);
    });

    it('looks for lapsed holds while a cancelled slot has more bookings than end, and goes on with that one', async () => {
      let version = 0;
      const asked: string[] = [];
      const execute = async (slotId: string, { type }: SlotCommand): Promise<CommandResult> => {
        asked.push(type);
        await new Promise(setImmediate);
        version += 1;
        return { ...acceptedAt(slotId), place: { position: version, streamId: slotId, version } };
      };
      const overdue = { expired: async () => ['lapsed'], cancelled: async () => ['endless'] };
      const asks = (type: string) => asked.filter((one) => one === type).length;

      await runWith(overdue, execute, () => asks('ReleaseExpired') >= 3);

      // Several in a row each time, as long as there is time.
      expect(asks('ReleaseCancelled')).to.be.greaterThan(10);
    });

    it('tries again when the store is out of reach', async () => {
      let rounds = 0;
      const execute = (): Promise<CommandResult> => {
        rounds += 1;
        return Promise.reject(new StoreUnavailableError('planned: out of reach'));
      };

      const warnings = await runWith({ ...NOTHING, expired: async () => numbered(90) }, execute, () => rounds >= 64);

      expect(rounds, '32 slots at a time, and no more in a round').to.equal(64);
      expect(warnings).to.have.length.within(1, 2);
    });

    it('releases bookings so large that a hundred do not fit into an append', async () => {
      const store = createMemoryEventStore({ now: () => NOW });
      const commands = commandSide(store);
      const all = seats(8_000).map(({ unitId }) => ({ unitId, category: 'gold', price: 1 }));
      await commands.open('arena', { units: all, policy: { ...POLICY, maxUnitsPerBooking: 500 } });
      const groups = Array.from({ length: 40 }, (_, group) => all.slice(group * 200, (group + 1) * 200).map(({ unitId }) => unitId));
      for (const [group, units] of groups.entries()) acceptedOf(await commands.ask('arena', book(`g${group}`, units)));
      acceptedOf(await commands.ask('arena', { type: 'CancelSlot', reason: null }));
      const limits: number[] = [];
      const execute = (slotId: string, command: SlotCommand, context: Parameters<CommandSide['execute']>[2]) => {
        if (command.type === 'ReleaseCancelled') limits.push(command.limit);
        return commands.execute(slotId, command, context);
      };
      let isCalledOff = true;
      const overdue = { ...NOTHING, cancelled: async () => (isCalledOff ? ['arena'] : []) };

      await runWith(overdue, execute, () => {
        isCalledOff = limits.length < 3;
        return !isCalledOff;
      });

      expect((await typesOf(store, 'arena')).filter((type) => type === 'BookingCancelled')).to.have.length(40);
      expect(limits[0]).to.be.greaterThan(limits.at(-1) as number);
    });
  });

  describe('in two instances', () => {
    it('runs in one at a time, and in the other when the connection of the first is killed or it stops', async () => {
      const counts = [0, 0];
      const workers = [0, 1].map((index) => {
        const overdue = {
          ...NOTHING,
          expired: async () => {
            counts[index] = (counts[index] as number) + 1;
            return [];
          },
        };
        return createReleaseProcess({ pool, commands: commandSide(createMemoryEventStore()), overdue, now: Date.now, log: QUIET });
      });
      const countOf = (index: number) => counts[index] as number;
      const until = (what: string, isSo: () => boolean) =>
        waitUntil(what, async () => {
          await pool.query('SELECT 1');
          return isSo();
        });
      try {
        for (const worker of workers) worker.start();
        await until('one of them runs', () => countOf(0) + countOf(1) >= 4);
        const first = countOf(0) > 0 ? 0 : 1;
        const second = 1 - first;
        expect(countOf(second), 'rounds of the one that stands by').to.equal(0);

        await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        const total = () => countOf(0) + countOf(1);
        const killedAt = total();
        await until('one of them runs again', () => total() >= killedAt + 4);
        const since = [...counts];
        await until('it goes on', () => total() >= killedAt + 8);
        const changed = [0, 1].filter((index) => countOf(index) > (since[index] as number));
        expect(changed, 'those that run after the kill').to.have.length(1);
        const running = changed[0] as number;
        const idle = 1 - running;
        const idleRounds = countOf(idle);

        await workers[running]?.stop();
        const stoppedAt = countOf(running);
        await until('the other one takes over', () => countOf(idle) >= idleRounds + 3);
        expect(countOf(running), 'rounds after the stop').to.equal(stoppedAt);
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()));
      }
    });
  });
});
