import { expect } from 'chai';
import pg from 'pg';
import type { EventStore, RecordedEvent } from '../../src/eventstore/event-store.ts';
import { CHAIN_START, chainHash } from '../../src/eventstore/hash-chain.ts';
import { createPool } from '../../src/eventstore/postgres/connections.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { withDatabase } from '../support/postgres.ts';
import { newEvent, newEvents, newStream, positionOf } from '../support/stored-events.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Page by page, as who follows the log does. */
async function wholeFeed(reader: EventStore, after: number): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await reader.readFeed(events.at(-1)?.position ?? after, 7);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

const HOLD_LOCK = 'SELECT position FROM holdfast.log_head FOR UPDATE';

describe('an event log in PostgreSQL', () => {
  const database = withDatabase();
  let store: PostgresEventStore;
  let other: PostgresEventStore;
  let client: pg.Client;
  /** Holds transactions open; another one, because the statistics that `client` asks for stand still inside of one. */
  let holder: pg.Client;

  before(async () => {
    store = await createPostgresEventStore({ connectionString: database() });
    other = await createPostgresEventStore({ connectionString: database() });
    client = new pg.Client({ connectionString: database() });
    await client.connect();
  });
  beforeEach(async () => {
    holder = new pg.Client({ connectionString: database() });
    await holder.connect();
  });
  afterEach(() => holder.end());
  after(async () => {
    await client.end();
    await Promise.all([store.close(), other.close()]);
  });

  /** Whether so many connections of the stores stand before a lock. */
  async function appendsWait(count: number): Promise<boolean> {
    const { rows } = await client.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'holdfast event store'`,
    );
    return rows[0]!.waiting >= count;
  }

  /** In how many transactions the log was written. */
  async function transactions(): Promise<number> {
    const { rows } = await client.query<{ count: number }>('SELECT count(DISTINCT xmin::text)::int AS count FROM holdfast.events');
    return rows[0]!.count;
  }

  describe('while one writer holds its transaction open', () => {
    it('lets no other writer overtake it: a subscriber skips nothing and sees everything in order', async () => {
      const [slow, quick] = [newStream(), newStream()];
      const start = await store.headPosition();
      const seen: RecordedEvent[] = [];
      const follow = async () => {
        seen.push(...(await other.readFeed(seen.at(-1)?.position ?? start, 100)));
      };

      await holder.query('BEGIN');
      await holder.query(
        `SELECT * FROM holdfast.append_batch('{1}', ARRAY[$1], '{0}', '{2}', ARRAY[gen_random_uuid(), gen_random_uuid()],
                                             '{Slow,Slow}', '{1,1}', '{"{}","{}"}', '{"{}","{}"}')`,
        [slow],
      );
      const quickAppend = store.append([{ streamId: quick, expectedVersion: 0, events: newEvents(1) }]);
      await waitUntil('the second writer stands before the lock', () => appendsWait(1));
      await follow();
      expect(seen).to.deep.equal([]);
      await holder.query('COMMIT');
      const position = positionOf(await quickAppend);
      await follow();
      await follow();

      expect(seen.map((event) => [event.position, event.streamId])).to.deep.equal([
        [start + 1, slow],
        [start + 2, slow],
        [start + 3, quick],
      ]);
      expect(position).to.equal(start + 3);
    });

    it('throws it out when it has stopped, so that the others go on', async () => {
      const stopped = createPool({ connectionString: database(), max: 1, answerTimeoutMs: 10_000 });
      const connection = await stopped.connect();
      let thrownOut = false;
      connection.on('error', () => {
        thrownOut = true;
      });
      await connection.query(`BEGIN; ${HOLD_LOCK}`);

      const result = await store.append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);

      expect(result.kind).to.equal('appended');
      expect(thrownOut).to.equal(true);
      connection.release(true);
      await stopped.end();
    });
  });

  describe('once written', () => {
    for (const statement of [
      "UPDATE holdfast.events SET data = '{}' WHERE position = 1",
      'DELETE FROM holdfast.events WHERE position = 1',
      'TRUNCATE holdfast.events',
    ]) {
      it(`refuses ${statement}`, async () => {
        await store.append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);
        const before = await store.readFeed(0, 1);

        const thrown = await client.query(statement).catch((error: unknown) => error);

        expect(thrown).to.be.instanceOf(pg.DatabaseError);
        expect((thrown as pg.DatabaseError).code).to.equal('23001');
        expect(await store.readFeed(0, 1)).to.deep.equal(before);
      });
    }

    it('keeps its streams when all snapshots are deleted', async () => {
      const streamId = newStream();
      await store.append([{ streamId, expectedVersion: 0, events: newEvents(2) }]);
      await store.writeSnapshot({ streamId, version: 2, schemaVersion: 1, hash: '00'.repeat(32), state: Buffer.from('{}') });

      await client.query('DELETE FROM holdfast.snapshots');

      expect(await store.readSnapshot(streamId, 1)).to.equal(null);
      expect(await store.readStream(streamId, 1, 10)).to.have.length(2);
    });
  });

  describe('when many appends wait', () => {
    it('writes them together, and a refused one takes no other one down', async () => {
      const transactionsBefore = await transactions();
      const good = Array.from({ length: 40 }, () => [{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);
      // Beyond what the column holds, which no check of the store knows of.
      const bad = [{ streamId: newStream(), expectedVersion: 0, events: [newEvent({ schemaVersion: 2 ** 31 })] }];
      await holder.query(`BEGIN; ${HOLD_LOCK}`);
      const appends = Promise.allSettled([...good.slice(0, 20), bad, ...good.slice(20)].map((parts) => store.append(parts)));
      await waitUntil('the batch stands before the lock', () => appendsWait(1));
      await holder.query('COMMIT');

      const outcomes = await appends;

      const refused = outcomes.findIndex((outcome) => outcome.status === 'rejected');
      expect(refused).to.equal(20);
      expect((outcomes[refused] as PromiseRejectedResult).reason).to.be.instanceOf(pg.DatabaseError);
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.kind === 'appended')).to.have.length(40);
      expect((await transactions()) - transactionsBefore).to.be.within(1, 12);
    });

    it('sends the appends of one stream one after the other, and all others with the first of them', async () => {
      const transactionsBefore = await transactions();
      const streamId = newStream();
      const parts = [0, 2, 4].map((expectedVersion) => [{ streamId, expectedVersion, events: newEvents(2) }]);
      const others = Array.from({ length: 30 }, () => [{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);

      const results = await Promise.all([...parts, ...others].map((append) => store.append(append)));

      expect(new Set(results.map((result) => result.kind))).to.deep.equal(new Set(['appended']));
      expect(await store.readStream(streamId, 1, 10)).to.have.length(6);
      expect((await transactions()) - transactionsBefore).to.equal(3);
    });

    it('answers a conflict to the one that is stale, and writes the others of the same batch', async () => {
      const stale = newStream();
      await store.append([{ streamId: stale, expectedVersion: 0, events: newEvents(1) }]);

      const results = await Promise.all(
        [newStream(), stale, newStream()].map((streamId) => store.append([{ streamId, expectedVersion: 0, events: newEvents(2) }])),
      );

      expect(results.map((result) => result.kind)).to.deep.equal(['appended', 'conflict', 'appended']);
    });

    it('takes no more than its bound, and says at once that it is too much', async () => {
      await holder.query(`BEGIN; ${HOLD_LOCK}`);
      const event = newEvent({ data: `"${'x'.repeat(250 * 1024)}"` });
      const appends = Array.from({ length: 400 }, () =>
        store.append([{ streamId: newStream(), expectedVersion: 0, events: [event] }]).then(
          (result) => result.kind,
          (error: Error) => error.name,
        ),
      );
      const first = await Promise.race(appends);
      await holder.query('COMMIT');
      const all = await Promise.all(appends);

      expect(first).to.equal('StoreUnavailableError');
      expect(all.filter((outcome) => outcome === 'appended').length).to.be.within(250, 270);
      expect(new Set(all)).to.deep.equal(new Set(['appended', 'StoreUnavailableError']));
    });
  });

  describe('written by two processes in turn', () => {
    it('has one chain, whoever knew its end', async () => {
      const streamId = newStream();
      const writers = [store, other, other, store, store, other];
      for (const [turn, writer] of writers.entries()) {
        const result = await writer.append([{ streamId, expectedVersion: 2 * turn, events: newEvents(2) }]);
        expect(result.kind).to.equal('appended');
      }

      const events = await other.readStream(streamId, 1, 100);

      expect(events).to.have.length(2 * writers.length);
      expect(events.map(({ previousHash }) => previousHash)).to.deep.equal([CHAIN_START, ...events.map(({ hash }) => hash).slice(0, -1)]);
      for (const event of events) expect(chainHash(event.previousHash, event)).to.equal(event.hash);
    });

    it('tells the one who wrote and the one who did not the very same events', async () => {
      const before = await store.headPosition();
      const following = store.follow();
      for (const writer of [store, other, store]) {
        const parts = [newStream(), newStream()].map((streamId) => ({ streamId, expectedVersion: 0, events: newEvents(3) }));
        await writer.append(parts);
      }
      const stream = newStream();
      await store.appendLocked(stream, 0, () => newEvents(2));

      const told = await Promise.all([store, other].map((reader) => wholeFeed(reader, before)));

      expect(told[0]).to.have.length(20);
      expect(told[0]).to.deep.equal(told[1]);
      const [first, again] = await Promise.all([before, before].map((position) => store.readFeed(position, 6)));
      expect(first?.[0], 'what it wrote itself is at hand for whoever follows').to.equal(again?.[0]);
      following.end();
      expect((await store.readFeed(before, 6))[0], 'and nobody follows any more').to.not.equal(again?.[0]);
    });
  });

  describe('followed by another process', () => {
    it('wakes it after an append, without a notification inside the append', async () => {
      await waitUntil('the other store listens', async () => {
        const { rows } = await client.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'");
        return rows.length >= 2;
      });
      const woken = new Promise<void>((resolve) => {
        const stop = other.onAppended(() => {
          stop();
          resolve();
        });
      });

      await store.append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);

      await woken;
    });

    it('wakes it again after its listening connection was lost', async () => {
      const pidsOfListeners = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
      const { rows: before } = await client.query<{ pid: number }>(pidsOfListeners);
      await client.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [before.map((row) => row.pid)]);
      await waitUntil('both stores listen again', async () => {
        const { rows } = await client.query<{ pid: number }>(pidsOfListeners);
        return rows.filter((row) => !before.some((former) => former.pid === row.pid)).length >= 2;
      });

      const woken = new Promise<void>((resolve) => {
        const stop = other.onAppended(() => {
          stop();
          resolve();
        });
      });
      await store.append([{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }]);

      await woken;
    });
  });

  describe('asked for its time', () => {
    it("tells the database's, to within what it says it may be wrong by", async () => {
      const { uncertaintyMs, offsetMs } = store.clockReading();
      const { rows } = await client.query<{ now: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now');

      expect(uncertaintyMs).to.be.within(1, 1_000);
      expect(Math.abs(offsetMs)).to.be.lessThan(1_000);
      expect(store.now()).to.be.within(Math.floor(rows[0]!.now - uncertaintyMs - 1), rows[0]!.now + uncertaintyMs + 1_000);
    });

    it('tells it on when the clock of its own machine is set', () => {
      const { now } = Date;
      for (const step of [60_000, -60_000]) {
        const before = store.now();
        Date.now = () => now() + step;
        try {
          expect(store.now()).to.be.within(before, before + 1_000);
        } finally {
          Date.now = now;
        }
      }
    });
  });
});
