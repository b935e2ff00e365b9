import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { NewEvent } from '../../src/eventstore/event-store.ts';
import { callAppendBatch } from '../../src/eventstore/postgres/append-call.ts';
import { StreamHeads } from '../../src/eventstore/postgres/stream-heads.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { ratePerSecond, type Side } from '../interleave.ts';

const CONNECTIONS = 16;
const IN_FLIGHT = 128;
/** Their rows are copied in one transaction: about a second's work. */
const COPIED_APPENDS = 20_000;

/** Two events of the size of a hold: what was asked for, and what is held. */
function events(): NewEvent[] {
  const metadata = JSON.stringify({ at: Date.now(), actor: 'bench', commandId: null, commandHash: null, correlationId: randomUUID() });
  return ['BookingRequested', 'SeatsHeld'].map((type) => ({ eventId: randomUUID(), type, schemaVersion: 1, data: DATA, metadata }));
}
const DATA = JSON.stringify({
  bookingId: 'bench.0123456789ab',
  customerId: 'c-17',
  claims: Array.from({ length: 2 }, (_, n) => ({ unitId: `A${n}`, quantity: 1, from: 0, to: 1, price: 4500, amount: 4500 })),
});

/**
 * Appends of two events to streams of their own: one transaction each, against the store's groups, and against a plain
 * COPY of the rows that they leave, from files into empty tables with the same keys, flushed to the disk once.
 */
export async function appendSides(connectionString: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  const store = await createPostgresEventStore({ connectionString });
  const heads = new StreamHeads();
  const append = () => [{ streamId: `bench-${randomUUID()}`, expectedVersion: 0, events: events() }];
  const copy = await copySide(pool, async () => {
    let left = COPIED_APPENDS;
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (left > 0) {
          left -= 1;
          await store.append(append());
        }
      }),
    );
  });
  const sides: Side[] = [
    {
      name: `one transaction per append, ${CONNECTIONS} connections`,
      run: (milliseconds) =>
        ratePerSecond(CONNECTIONS, milliseconds, async () => {
          const connection = await pool.connect();
          await callAppendBatch(connection, heads, [append()]);
          connection.release();
        }),
    },
    {
      name: `grouped by the store, ${IN_FLIGHT} in flight`,
      run: (milliseconds) => ratePerSecond(IN_FLIGHT, milliseconds, async () => void (await store.append(append()))),
    },
    copy,
  ];
  return {
    sides,
    async close() {
      await store.close();
      await pool.end();
    },
  };
}

/** @param fill makes the appends on a log that has none. A run is one COPY, however long it takes. */
async function copySide(pool: pg.Pool, fill: () => Promise<void>): Promise<Side> {
  await fill();
  const folder = (await pool.query<{ data_directory: string }>('SHOW data_directory')).rows[0]?.data_directory;
  const files = ['streams', 'events'].map((table) => ({ table, file: `${folder}/bench-${table}.copy` }));
  for (const { table, file } of files) await pool.query(`COPY (SELECT * FROM holdfast.${table}) TO '${file}'`);
  return {
    name: 'plain COPY of the same rows',
    async run() {
      await pool.query('CREATE SCHEMA bench_copy');
      for (const { table } of files) await pool.query(`CREATE TABLE bench_copy.${table} (LIKE holdfast.${table} INCLUDING ALL)`);
      const begun = performance.now();
      await pool.query(files.map(({ table, file }) => `COPY bench_copy.${table} FROM '${file}'`).join('; '));
      const seconds = (performance.now() - begun) / 1_000;
      await pool.query('DROP SCHEMA bench_copy CASCADE');
      return COPIED_APPENDS / seconds;
    },
  };
}
