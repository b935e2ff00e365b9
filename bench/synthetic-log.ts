import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Layout, LayoutEvent } from '../src/domain/layout.ts';
import type { SlotCommand } from '../src/domain/slot/commands.ts';
import { decide } from '../src/domain/slot/decide.ts';
import type { SlotFact } from '../src/domain/slot/evolve.ts';
import { SlotState } from '../src/domain/slot/state.ts';
import { type DomainEvent, encodeEvent, encodeMetadata } from '../src/eventstore/catalogue/codec.ts';
import { createPostgresEventStore } from '../src/eventstore/postgres-store.ts';

const SEATS = 200;
const HALL: Layout = {
  layoutId: 'hall',
  name: 'A hall',
  units: Array.from({ length: SEATS }, (_, index) => ({
    unitId: `S${index + 1}`,
    category: 'gold',
    section: 'Stalls',
    row: String.fromCharCode(65 + Math.floor(index / 20)),
    number: String((index % 20) + 1),
  })),
};
/** Stands for the slot's id in the story that all shows share. */
const SLOT = 'SHOW';
const BEGINS = Date.parse('2027-01-10T12:00:00Z');
const STARTS = Date.parse('2027-01-15T19:30:00Z');

/** A log of so many shows in one hall of 200 seats, written straight into the tables of the log with the right positions and hashes. */
export async function writeSyntheticLog(connectionString: string, shows: number): Promise<{ readonly events: number }> {
  const story = storyOfShow();
  const before = await defineHall(connectionString);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    await client.query(`
      CREATE TEMPORARY TABLE shows AS
        SELECT n, 'show-' || lpad(n::text, 6, '0') AS slot_id, decode(repeat('00', 32), 'hex') AS hash FROM generate_series(1, ${shows}) AS n`);
    // Version by version over all shows: the streams run side by side, as they do in life.
    for (const [index, { type, schemaVersion, data, metadata }] of story.entries()) {
      await client.query(
        `WITH event AS (
           SELECT n, 'slot-' || slot_id AS stream_id, gen_random_uuid() AS event_id, hash AS previous_hash,
                  replace($4, '${SLOT}', slot_id) AS data, $5::text AS metadata FROM shows),
         hashed AS (
           SELECT *, holdfast.chain_hash(previous_hash, stream_id, $1, event_id, $2, $3, data, metadata) AS hash FROM event),
         chained AS (
           UPDATE shows SET hash = hashed.hash FROM hashed WHERE hashed.n = shows.n RETURNING hashed.*)
         INSERT INTO holdfast.events (position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash)
         SELECT $6::bigint + n, stream_id, $1, $3, $7::bigint, event_id, $2, data, metadata, previous_hash, hash FROM chained`,
        [index + 1, type, schemaVersion, data, metadata, before + index * shows, BEGINS],
      );
    }
    await client.query(`INSERT INTO holdfast.streams (stream_id, version, head_hash) SELECT 'slot-' || slot_id, $1, hash FROM shows`, [
      story.length,
    ]);
    await client.query('UPDATE holdfast.log_head SET position = $1, recorded_at = $2', [before + story.length * shows, BEGINS]);
    await client.query('ANALYZE holdfast.events');
    return { events: before + story.length * shows };
  } finally {
    await client.end();
  }
}

/** Bookings of two seats each: three in four are confirmed, the others lapse and somebody else takes their seats. */
function storyOfShow() {
  const state = new SlotState(SLOT, () => {
    return HALL;
  });
  const facts: SlotFact[] = [];
  let now = BEGINS;
  const run = (command: SlotCommand) =>
    facts.push(...decide(state, { command, now, commandId: null, commandHash: null, ifMatch: null }).facts);
  run(opening());
  let lapsing = 0;
  for (let booking = 1, free = SEATS; free > 0; booking += 1) {
    now += 60_000;
    run({
      type: 'RequestBooking',
      bookingId: `${SLOT}.${booking}`,
      customerId: `c-${booking}`,
      selection: { kind: 'bestAvailable', quantity: 2, category: null, adjacent: null, accessible: 0 },
      span: null,
      expectedTotal: null,
      reference: null,
      metadata: {},
      confirm: null,
    });
    if (booking % 4 === 0) lapsing += 1;
    else {
      run({ type: 'ConfirmBooking', bookingId: `${SLOT}.${booking}`, paymentReference: 'paid', units: null });
      free -= 2;
    }
    if (lapsing === 3) {
      now += 3_600_000;
      run({ type: 'ReleaseExpired', limit: 100 });
      lapsing = 0;
    }
  }
  return facts.map(({ event, at }) => stored(event, at));
}

/** @returns how many events it took. */
async function defineHall(connectionString: string): Promise<number> {
  const { layoutId, name, units } = HALL;
  const events: LayoutEvent[] = [
    { type: 'LayoutDefined', layoutId, name, unitCount: units.length },
    { type: 'LayoutUnitsAdded', layoutId, units },
    { type: 'LayoutCompleted', layoutId },
  ];
  const store = await createPostgresEventStore({ connectionString });
  const written = events.map((event) => ({ eventId: randomUUID(), ...stored(event, BEGINS) }));
  await store.append([{ streamId: `layout-${layoutId}`, expectedVersion: 0, events: written }]);
  await store.close();
  return events.length;
}

function stored(event: DomainEvent, at: number) {
  const origin = { actor: 'bench', commandId: null, commandHash: null, correlationId: 'bench', causationId: null };
  return { ...encodeEvent(event), metadata: encodeMetadata({ at, ...origin }) };
}

function opening(): SlotCommand {
  return {
    type: 'OpenSlot',
    slotId: SLOT,
    category: 'theatre',
    title: 'A show',
    venue: { venueId: 'globe', name: 'Globe', city: 'London' },
    startsAt: STARTS,
    endsAt: STARTS + 10_800_000,
    timeZone: 'Europe/London',
    salesFrom: null,
    salesUntil: null,
    reference: null,
    metadata: {},
    policy: { holdSeconds: 600, maxHoldSeconds: 1_800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: false },
    currency: 'GBP',
    status: 'OPEN',
    axis: { type: 'whole' },
    layoutId: HALL.layoutId,
    prices: { gold: 4_500 },
    units: [],
  };
}
