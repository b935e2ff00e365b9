import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { NewEvent } from '../../src/eventstore/event-store.ts';
import { callAppendBatch } from '../../src/eventstore/postgres/append-call.ts';
import { StreamHeads } from '../../src/eventstore/postgres/stream-heads.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { ratePerSecond, type Side } from '../interleave.ts';

const CONNECTIONS = 16;
const IN_FLIGHT = 128;

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

/** Appends of two events to streams of their own: one transaction each, against the store's groups. */
export async function appendSides(connectionString: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  const store = await createPostgresEventStore({ connectionString });
  const heads = new StreamHeads();
  const append = () => [{ streamId: `bench-${randomUUID()}`, expectedVersion: 0, events: events() }];
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
  ];
  return {
    sides,
    async close() {
      await store.close();
      await pool.end();
    },
  };
}
