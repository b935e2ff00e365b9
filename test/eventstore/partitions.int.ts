import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import pg from 'pg';
import { EventsDetachedError, type RecordedEvent } from '../../src/eventstore/event-store.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { withDatabase } from '../support/postgres.ts';
import { newEvents, newStream, positionOf } from '../support/stored-events.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Positions in a partition. */
const SIZE = 10_000_000;
/** What operators are told to do. */
const PAGE = readFileSync(new URL('../../docs/running.md', import.meta.url), 'utf8');
const [LIST = '', DETACH = '', ATTACH = ''] = [...PAGE.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) => sql);

/** A log of its own, somebody who looks into its tables, and somebody who stands in the way. */
function logWithPartitions() {
  const database = withDatabase();
  let store: PostgresEventStore;
  let client: pg.Client;
  let holder: pg.Client;

  const connected = async () => {
    const one = new pg.Client({ connectionString: database() });
    await one.connect();
    return one;
  };

  before(async () => {
    store = await createPostgresEventStore({ connectionString: database() });
    client = await connected();
    holder = await connected();
  });
  after(async () => {
    await Promise.all([client.end(), holder.end()]);
    await store.close();
  });

  /** As if so many events had been written. */
  const moveHead = (position: number) => client.query('UPDATE holdfast.log_head SET position = $1', [position]);
  const append = async (streamId: string, expectedVersion: number, count: number) =>
    positionOf(await store.append([{ streamId, expectedVersion, events: newEvents(count) }]));
  const makeAhead = (connection: pg.Client) => connection.query('SELECT holdfast.make_room_ahead()');
  async function partitions(): Promise<readonly string[]> {
    const { rows } = await client.query<{ partition: string }>(LIST);
    return rows.map(({ partition }) => partition.replace('holdfast.', ''));
  }

  async function isWaiting(statement: string): Promise<boolean> {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [`%${statement}%`],
    );
    return rowCount !== 0;
  }

  return {
    store: () => store,
    client: () => client,
    holder: () => holder,
    database,
    connected,
    moveHead,
    append,
    makeAhead,
    partitions,
    isWaiting,
  };
}

function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('an event log in partitions', () => {
  const { database, store, client, holder, moveHead, append, makeAhead, partitions, isWaiting } = logWithPartitions();

  describe('whose first half is not full', () => {
    it('has no more than one partition, however often the next one is asked for', async () => {
      await append(newStream(), 0, 3);
      await makeAhead(client());
      expect(await partitions()).to.deep.equal(['events_000000']);
    });
  });

  describe('when nobody has made the next partition', () => {
    it('makes it with the first append that needs it, whose events go into both', async () => {
      await moveHead(SIZE - 3);
      const stream = newStream();
      const events = newEvents(6);
      const parts = [{ streamId: stream, expectedVersion: 0, events }];

      const first = await store().append(parts);

      expect(positionOf(first)).to.equal(SIZE + 3);
      expect(await partitions()).to.deep.equal(['events_000000', 'events_000001']);
      const ofStream = await store().readStream(stream, 1, 10);
      expect(ofStream.map(({ position }) => position)).to.deep.equal([-2, -1, 0, 1, 2, 3].map((place) => SIZE + place));
      const other = await createPostgresEventStore({ connectionString: database() });
      expect(await other.readFeed(SIZE - 3, 10)).to.deep.equal(ofStream);
      // A resend finds its events in both.
      expect(await other.append(parts)).to.deep.equal(first);
      expect((await other.append([{ streamId: stream, expectedVersion: 0, events: newEvents(6) }])).kind).to.equal('conflict');
      await other.close();
    });

    it('makes it for an append whose hashes the database makes, too', async () => {
      await moveHead(2 * SIZE - 2);
      await client().query(
        `SELECT * FROM holdfast.append_batch('{1}', ARRAY[$1], '{0}', '{2}', ARRAY[gen_random_uuid(), gen_random_uuid()],
                                             '{Slow,Slow}', '{1,1}', '{"{}","{}"}', '{"{}","{}"}')`,
        [newStream()],
      );
      expect(await partitions()).to.deep.equal(['events_000000', 'events_000001', 'events_000002']);
    });
  });

  describe('once written', () => {
    for (const statement of [
      "UPDATE holdfast.events_000001 SET data = '{}'",
      'DELETE FROM holdfast.events_000001',
      'TRUNCATE holdfast.events_000001',
      'DELETE FROM holdfast.events_000000',
      "UPDATE holdfast.events SET data = '{}'",
      'TRUNCATE holdfast.events',
    ]) {
      it(`refuses ${statement}`, async () => {
        expect(await thrownBy(client().query(statement))).to.include({ code: '23001' });
      });
    }
  });

  describe('while the next partition is made', () => {
    it('lets appends go on that have room', async () => {
      await moveHead(2 * SIZE + 6_000_000);
      await holder().query('BEGIN');
      await makeAhead(holder());
      expect(await append(newStream(), 0, 2)).to.equal(2 * SIZE + 6_000_002);
      await holder().query('COMMIT');
      expect(await partitions()).to.include('events_000003');
    });

    it('lets the append that needs it wait, and then both go on', async () => {
      await moveHead(4 * SIZE - 4_000_000);
      await holder().query('BEGIN');
      await makeAhead(holder());
      await moveHead(4 * SIZE - 1);
      const appended = append(newStream(), 0, 2);
      await waitUntil('the append waits', () => isWaiting('append_chained'));
      const madeTwice = makeAhead(client());
      await holder().query('COMMIT');
      await madeTwice;
      expect(await appended).to.equal(4 * SIZE + 1);
      expect((await partitions()).filter((name) => name === 'events_000004')).to.have.length(1);
    });
  });
});

describe('an event log of which the oldest partition is detached', () => {
  const { store, client, holder, connected, moveHead, append, partitions, isWaiting } = logWithPartitions();
  const old = newStream();
  /** Begins in the one and goes on in the next. */
  const lasting = newStream();
  let oldEvents: readonly RecordedEvent[];
  let whole: readonly RecordedEvent[];

  before(async () => {
    await append(old, 0, 3);
    await append(lasting, 0, 2);
    oldEvents = await store().readStream(old, 1, 10);
    await moveHead(SIZE - 1);
    await append(newStream(), 0, 5);
    await append(lasting, 2, 2);
    whole = await store().readStream(lasting, 1, 10);
    // Somebody who reads must not keep appends from going on while the partition is being detached.
    await holder().query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM holdfast.events');
    const other = await connected();
    const detached = other.query(DETACH);
    await waitUntil('detaching waits for the reader', () => isWaiting('DETACH PARTITION'));
    expect(await append(newStream(), 0, 1)).to.be.greaterThan(SIZE);
    await holder().query('COMMIT');
    await detached;
    await other.end();
    expect(await partitions()).to.not.include('events_000000');
  });

  it('takes appends to new streams, and to those that began in it', async () => {
    const position = await append(newStream(), 0, 2);
    expect(await append(lasting, 4, 1)).to.equal(position + 1);
    expect(await append(old, 3, 1)).to.equal(position + 2);
  });

  it('does not let a stream begin anew', async () => {
    const result = await store().append([{ streamId: old, expectedVersion: 0, events: newEvents(1) }]);
    expect(result).to.include({ kind: 'conflict', actualVersion: 4 });
  });

  it('gives what came later', async () => {
    const feed = await store().readFeed(SIZE - 1, 3);
    expect(feed.map(({ position }) => position)).to.deep.equal([SIZE, SIZE + 1, SIZE + 2]);
    expect(await store().readStream(lasting, 3, 2)).to.deep.equal(whole.slice(2));
    expect(await store().readFeed(SIZE - 1, 1, { types: ['Tested'] })).to.deep.equal(feed.slice(0, 1));
  });

  for (const [what, read] of Object.entries<() => Promise<unknown>>({
    'the feed': () => store().readFeed(0, 10),
    'the feed in its parsed form': () => store().readParsedFeed(0, 10),
    'the feed of a type': () => store().readFeed(0, 10, { types: ['Tested'] }),
    'the feed from an instant on': () => store().readFeed(0, 10, { from: oldEvents[0]?.recordedAt ?? 0 }),
    'a stream that lies in it': () => store().readStream(old, 1, 2),
    'a stream that began in it': () => store().readStream(lasting, 1, 10),
    'its end alone': () => store().readStream(lasting, 2, 1),
  })) {
    it(`says that it is not here to who reads ${what}`, async () => {
      expect(await thrownBy(read())).to.be.instanceOf(EventsDetachedError);
    });
  }

  it('has it all again once it is attached', async () => {
    expect(await thrownBy(client().query('DELETE FROM holdfast.events_000000'))).to.include({ code: '23001' });
    await client().query(ATTACH);
    expect(await store().readStream(old, 1, 3)).to.deep.equal(oldEvents);
    expect((await store().readStream(lasting, 1, 10)).slice(0, 4)).to.deep.equal(whole);
    expect((await store().readFeed(0, 3)).length).to.equal(3);
  });
});
