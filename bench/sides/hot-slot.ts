import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { CommandContext } from '../../src/commands/command-service.ts';
import { createCommandService } from '../../src/commands/service.ts';
import type { OpenSlot, RequestBooking } from '../../src/domain/slot/commands.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { ratePerSecond, type Side } from '../interleave.ts';

const CLIENTS = 64;
const CONNECTIONS = 16;
const SEATS = 1_000;

const CONTEXT: CommandContext = { commandId: null, commandHash: null, ifMatch: null, actor: 'bench', correlationId: 'bench' };

/**
 * One seat of one hot show at a time, each client asking for a seat chosen at random; a show that
 * most seats of are gone is replaced by a new one, on both sides after as many holds. Neither side
 * goes through HTTP: what is compared is deciding and storing.
 */
export async function hotSlotSides(connectionString: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  const store = await createPostgresEventStore({ connectionString });
  const commands = createCommandService({ store, attempts: { record: () => 'unrecorded' } });
  await pool.query(`
    CREATE SCHEMA IF NOT EXISTS crud;
    CREATE TABLE IF NOT EXISTS crud.show_seats (show_id text, seat_id text, status text NOT NULL DEFAULT 'AVAILABLE', booking_id text, PRIMARY KEY (show_id, seat_id));
    CREATE TABLE IF NOT EXISTS crud.bookings (booking_id text PRIMARY KEY, show_id text NOT NULL, customer_id text NOT NULL, seat_id text NOT NULL, expires_at timestamptz NOT NULL)`);

  const crudShows = new Shows(async (showId) => {
    await pool.query(`INSERT INTO crud.show_seats (show_id, seat_id) SELECT $1, 'S' || n FROM generate_series(0, $2::int - 1) AS n`, [
      showId,
      SEATS,
    ]);
  });
  const slots = new Shows(async (slotId) => void (await commands.execute(slotId, show(slotId), CONTEXT)));

  const sides: Side[] = [
    {
      name: `UPDATE … WHERE status = 'AVAILABLE' and a booking row, ${CONNECTIONS} connections`,
      run: (milliseconds) =>
        ratePerSecond(CLIENTS, milliseconds, () =>
          untilHeld(crudShows, async (showId, seatId) => {
            const connection = await pool.connect();
            try {
              await connection.query('BEGIN');
              const bookingId = randomUUID();
              const taken = await connection.query({
                name: 'take',
                text: `UPDATE crud.show_seats SET status = 'HELD', booking_id = $3 WHERE show_id = $1 AND seat_id = $2 AND status = 'AVAILABLE'`,
                values: [showId, seatId, bookingId],
              });
              if (taken.rowCount === 1) {
                await connection.query({
                  name: 'book',
                  text: `INSERT INTO crud.bookings VALUES ($1, $2, $3, $4, now() + interval '10 minutes')`,
                  values: [bookingId, showId, 'c-17', seatId],
                });
              }
              await connection.query('COMMIT');
              return taken.rowCount === 1;
            } finally {
              connection.release();
            }
          }),
        ),
    },
    {
      name: 'the slot queue, two events a hold',
      run: (milliseconds) =>
        ratePerSecond(CLIENTS, milliseconds, () =>
          untilHeld(slots, async (slotId, unitId) => (await commands.execute(slotId, hold(slotId, unitId), CONTEXT)).kind === 'accepted'),
        ),
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

/** A row of shows, each replaced once its first half has been held. */
class Shows {
  private readonly open: (showId: string) => Promise<void>;
  private current: Promise<string> | null = null;
  private held = 0;

  constructor(open: (showId: string) => Promise<void>) {
    this.open = open;
  }

  show(): Promise<string> {
    this.current ??= this.next();
    return this.current;
  }

  countHold(): void {
    this.held += 1;
    if (this.held < SEATS / 2) return;
    this.held = 0;
    this.current = null;
  }

  private async next(): Promise<string> {
    const showId = randomUUID();
    await this.open(showId);
    return showId;
  }
}

async function untilHeld(shows: Shows, take: (showId: string, seatId: string) => Promise<boolean>): Promise<void> {
  for (;;) {
    if (!(await take(await shows.show(), `S${Math.floor(Math.random() * SEATS)}`))) continue;
    shows.countHold();
    return;
  }
}

function show(slotId: string): OpenSlot {
  return {
    type: 'OpenSlot',
    slotId,
    category: 'theatre',
    title: 'A hot show',
    venue: null,
    startsAt: null,
    endsAt: null,
    timeZone: 'UTC',
    salesFrom: null,
    salesUntil: null,
    reference: null,
    metadata: {},
    policy: { holdSeconds: 600, maxHoldSeconds: 1_800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: false },
    currency: 'GBP',
    status: 'OPEN',
    axis: { type: 'whole' },
    layoutId: null,
    prices: null,
    units: Array.from({ length: SEATS }, (_, n) => ({ unitId: `S${n}`, category: 'gold', price: 4_500 })),
  };
}

function hold(slotId: string, unitId: string): RequestBooking {
  return {
    type: 'RequestBooking',
    bookingId: `${slotId}.${randomUUID()}`,
    customerId: 'c-17',
    selection: { kind: 'units', units: [{ unitId, quantity: 1 }] },
    span: null,
    expectedTotal: null,
    reference: null,
    metadata: {},
    confirm: null,
  };
}
