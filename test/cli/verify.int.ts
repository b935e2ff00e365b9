import { expect } from 'chai';
import pg from 'pg';
import { formatDigest, parseDigest } from '../../src/cli/verify/head-digest.ts';
import { type VerifyReport, verifyLog } from '../../src/cli/verify/verify-log.ts';
import { packText, unpackText } from '../../src/commands/packed-snapshot.ts';
import { SlotLoader } from '../../src/commands/slot-loader.ts';
import { parseSnapshot, type StoredState } from '../../src/domain/slot/snapshot.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { openHoldfast } from '../../src/main.ts';
import { SLOTS } from '../../src/projections/inventory/tables.ts';
import { columnName } from '../../src/projections/projection.ts';
import { DecidedSlot } from '../support/decided-history.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, appendRaw, recorded } from '../support/read-side.ts';
import {
  book,
  bookBest,
  cancel,
  change,
  claim,
  confirm,
  DAY,
  HOUR,
  held,
  MINUTE,
  NOW,
  openSlot,
  STARTS,
  seat,
  seats,
  stops,
  stopsAxis,
  yard,
} from '../support/slot-builders.ts';

/** Those that may be written; the database makes others of them. */
const SLOT_COLUMNS = Object.keys(SLOTS.columns).map(columnName).join(', ');
const SILENT = { phase: () => undefined, update: () => undefined };

async function verify(connectionString: string, since: string | null = null): Promise<VerifyReport> {
  const parts = await openHoldfast({ databaseUrl: connectionString, dataFolder: '' });
  try {
    return await verifyLog(parts, { since: since === null ? null : parseDigest(since), progress: SILENT, viewsStallMs: 1_000 });
  } finally {
    await parts.close();
  }
}

/** Does what only a superuser can: the triggers that keep the log as it is are off. */
function plant(connectionString: string, ...statements: readonly string[]): Promise<void> {
  return withClient(connectionString, async (client) => {
    await client.query('SET session_replication_role = replica');
    for (const statement of statements) {
      const { rowCount, command } = await client.query(statement);
      if (/^(UPDATE|DELETE|INSERT)/.test(command)) expect(rowCount, statement).to.be.greaterThan(0);
    }
  });
}

async function withClient<Result>(connectionString: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Everything that a slot, a trip, a fleet and a slot on a layout can go through. */
async function makeHistory(connectionString: string): Promise<void> {
  const { store, commands, close } = await openHoldfast({ databaseUrl: connectionString, dataFolder: '' });
  const units = [seat('B1'), seat('B2', { category: 'silver' }), yard(30, { unitId: 'pit', price: 700 })];
  const context = { commandId: null, commandHash: null, ifMatch: null, actor: 'test', correlationId: 'c' };
  const { layoutId } = await commands.defineLayout({ name: 'Hall', focus: { x: 1, y: 2 }, units }, context);

  const show = await DecidedSlot.open(store, openSlot({ units: [...seats(6), yard(10)], venue: { city: 'London' } }), NOW);
  await show.at(NOW, book('hamlet.1', ['A1', 'A2']), book('hamlet.2', ['A3']), book('hamlet.3', [['yard', 4]]));
  await show.at(NOW + MINUTE, confirm('hamlet.1'), { type: 'ExtendHold', bookingId: 'hamlet.3', seconds: 900 });
  await show.at(NOW + 2 * MINUTE, cancel('hamlet.1', ['A2']), change('hamlet.3', { add: ['A2'], drop: [['yard', 1]] }));
  await show.at(NOW + 3 * MINUTE, { type: 'BlockUnits', units: [{ unitId: 'A6' }], span: null, reason: 'sightline' });
  const loader = new SlotLoader(store, new LayoutReader(store));
  const takeSnapshot = async (slotId: string) => loader.takeSnapshot(await loader.load(slotId));
  await takeSnapshot('hamlet');
  await show.at(NOW + 11 * MINUTE, book('hamlet.4', ['A3']), cancel('hamlet.4'));
  await show.at(NOW + 12 * MINUTE, confirm('hamlet.3', 'pay-3', [['yard', 2]]));
  await show.at(NOW + 13 * MINUTE, { type: 'WithdrawUnits', units: [{ unitId: 'A5' }, { unitId: 'yard', quantity: 3 }], reason: null });
  await show.at(NOW + 14 * MINUTE, { type: 'AddUnits', units: [seat('A7')] }, { type: 'CloseSlot', reason: null });

  const trip = await DecidedSlot.open(
    store,
    openSlot({ slotId: 'trip', axis: stopsAxis(4), units: seats(2, { priceBasis: 'stop' }) }),
    NOW,
  );
  await trip.at(NOW, bookBest('trip.1', 1, {}, { span: stops(0, 2) }), bookBest('trip.2', 1, {}, { span: stops(2, 3) }));
  await trip.at(NOW, confirm('trip.1'), { type: 'BlockUnits', units: [{ unitId: 'A2' }], span: stops(1, 3), reason: null });

  const pool = yard(3, { unitId: 'pool' });
  const cars = openSlot({ slotId: 'cars', axis: { type: 'time', bufferMinutes: 30 }, units: [...seats(2, { priceBasis: 'hour' }), pool] });
  const fleet = await DecidedSlot.open(store, cars, NOW);
  const rental = (from: number, to: number) => ({ span: { from: STARTS + from, to: STARTS + to } });
  await fleet.at(
    NOW,
    book('cars.1', ['A1', ['pool', 3]], rental(0, HOUR)),
    book('cars.2', ['A1'], rental(2 * HOUR, 4 * HOUR)),
    confirm('cars.1'),
    confirm('cars.2'),
  );
  await fleet.at(STARTS + 3 * DAY, book('cars.3', ['A1'], rental(4 * DAY, 5 * DAY)), {
    type: 'WithdrawUnits',
    units: [{ unitId: 'A2' }, { unitId: 'pool', quantity: 2 }],
    reason: 'sold',
  });

  const hall = openSlot({ slotId: 'hall', layoutId, prices: { gold: 4000, silver: 3000, standing: 900 }, units: [seat('X1')] });
  const gala = await DecidedSlot.open(store, hall, NOW);
  await gala.at(NOW, book('hall.1', ['B1', ['pit', 3]]), { type: 'ChangeUnits', changes: [{ unitId: 'B2', price: 3100 }] });
  await gala.at(NOW, { type: 'BlockUnits', units: [{ unitId: 'pit', quantity: 5 }], span: null, reason: null });
  const wings = await DecidedSlot.open(store, { ...hall, slotId: 'wings', units: seats(2) }, NOW);
  await wings.at(NOW, { type: 'WithdrawUnits', units: [{ unitId: 'A2' }, { unitId: 'B2' }], reason: null });
  await wings.at(NOW, { type: 'AddUnits', units: [seat('B2'), seat('A2')] });
  for (const slotId of ['trip', 'cars', 'hall', 'wings']) await takeSnapshot(slotId);
  const dark = await DecidedSlot.open(store, openSlot({ slotId: 'dark' }), NOW);
  await dark.at(NOW, book('dark.1', ['A1']), { type: 'CancelSlot', reason: 'strike' }, { type: 'ReleaseCancelled', limit: 10 });
  await close();
}

/** What was planted, and what must be said of it: check, place and message of one of the faults. */
interface Damage {
  readonly name: string;
  readonly statements: readonly string[];
  readonly check: string;
  readonly where: RegExp;
  readonly message: RegExp;
}

const LAST = '(SELECT max(position) FROM holdfast.events)';

const DAMAGES: readonly Damage[] = [
  {
    name: 'one changed byte of an event’s data',
    statements: [`UPDATE holdfast.events SET data = replace(data, 'A3', 'A4') WHERE stream_id = 'slot-hamlet' AND version = 5`],
    check: 'hash-chain',
    where: /^slot-hamlet version 5 /,
    message: /not that of its bytes/,
  },
  {
    name: 'one changed byte of an event’s metadata',
    statements: [`UPDATE holdfast.events SET metadata = replace(metadata, 'test', 'tesT') WHERE stream_id = 'slot-cars' AND version = 2`],
    check: 'hash-chain',
    where: /^slot-cars version 2 /,
    message: /not that of its bytes/,
  },
  {
    name: 'a changed hash',
    statements: [`UPDATE holdfast.events SET hash = sha256('x') WHERE stream_id = 'slot-trip' AND version = 3`],
    check: 'hash-chain',
    where: /^slot-trip version 4 /,
    message: /does not continue/,
  },
  {
    name: 'a gap in the positions',
    statements: [`UPDATE holdfast.events SET position = position + 5 WHERE position = ${LAST}`],
    check: 'positions',
    where: /^position \d+$/,
    message: /5 positions are missing/,
  },
  {
    name: 'a deleted event',
    statements: [`DELETE FROM holdfast.events WHERE stream_id = 'slot-hamlet' AND version = 7`],
    check: 'versions',
    where: /^slot-hamlet version 8 /,
    message: /follows version 6/,
  },
  {
    name: 'a deleted last event, with the log’s head set back',
    statements: [`DELETE FROM holdfast.events WHERE position = ${LAST}`, `UPDATE holdfast.log_head SET position = ${LAST}`],
    check: 'stream-heads',
    where: /^slot-dark version 4$/,
    message: /ends otherwise than the table of streams says \(version 5\)/,
  },
  {
    name: 'a log’s head that is ahead of the log',
    statements: ['UPDATE holdfast.log_head SET position = position + 2'],
    check: 'positions',
    where: /^position \d+$/,
    message: /is the last one, but the log's head says \d+/,
  },
  {
    name: 'two swapped versions',
    statements: [
      `UPDATE holdfast.events SET version = CASE version WHEN 2 THEN 4 ELSE 2 END WHERE stream_id = 'slot-hamlet' AND version IN (2, 4)`,
    ],
    check: 'versions',
    where: /^slot-hamlet version 3 /,
    message: /stands in the log before/,
  },
  {
    name: 'a stream that the table of streams has lost',
    statements: [`DELETE FROM holdfast.streams WHERE stream_id = 'slot-trip'`],
    check: 'stream-heads',
    where: /^slot-trip /,
    message: /not in the table of streams/,
  },
  {
    name: 'a stream whose events are all gone',
    statements: [`INSERT INTO holdfast.streams VALUES ('slot-ghost', 3, sha256('x'))`],
    check: 'stream-heads',
    where: /^slot-ghost$/,
    message: /has no events/,
  },
  {
    name: 'data that the stored contract does not know',
    statements: [`UPDATE holdfast.events SET data = '{"bookingId":1}' WHERE stream_id = 'slot-trip' AND version = 2`],
    check: 'contract',
    where: /^slot-trip version 2 /,
    message: /BookingRequested/,
  },
  {
    name: 'an event type that nobody knows',
    statements: [`UPDATE holdfast.events SET type = 'SeatsGivenAway' WHERE stream_id = 'slot-trip' AND version = 3`],
    check: 'contract',
    where: /^slot-trip version 3 /,
    message: /SeatsGivenAway/,
  },
  {
    name: 'a payment for a hold that had run out',
    statements: [
      `UPDATE holdfast.events SET metadata = replace(metadata, '"at":${NOW + MINUTE}', '"at":${NOW + 10 * MINUTE}')
        WHERE stream_id = 'slot-hamlet' AND type = 'BookingConfirmed' AND data LIKE '%"hamlet.1"%'`,
    ],
    check: 'life-cycle',
    where: /^slot-hamlet version \d+ /,
    message: /^BookingConfirmed of booking hamlet\.1 comes 0 ms after its hold ran out$/,
  },
  {
    name: 'a hold that is extended beyond its limit',
    statements: [
      `UPDATE holdfast.events SET data = replace(data, '"expiresAt":${NOW + 16 * MINUTE}', '"expiresAt":${NOW + 31 * MINUTE}')
        WHERE stream_id = 'slot-hamlet' AND type = 'HoldExtended'`,
    ],
    check: 'life-cycle',
    where: /^slot-hamlet version \d+ /,
    message: /^the hold of booking hamlet\.3 is extended 60000 ms beyond its limit$/,
  },
];

const ROWS: readonly (readonly [name: string, statement: string, where: RegExp, message: RegExp])[] = [
  ['a changed count of a slot', `UPDATE holdfast_views.slots SET free = free + 1 WHERE slot_id = 'hamlet'`, /slots hamlet$/, /^free is /],
  [
    'a changed title of a slot',
    `UPDATE holdfast_views.slots SET title = 'Macbeth' WHERE slot_id = 'hall'`,
    /slots hall$/,
    /^title is "Macbeth"/,
  ],
  ['a changed usage of a fleet', `UPDATE holdfast_views.slots SET usage = '[]' WHERE slot_id = 'cars'`, /slots cars$/, /^usage is \[\]/],
  [
    'a changed amount of a day',
    `UPDATE holdfast_views.daily_sales SET amount_sold = amount_sold + 1 WHERE slot_id = 'hall'`,
    /daily_sales hall$/,
    /^amount sold add up to \d+, the bookings say \d+$/,
  ],
  [
    'days of a slot that never was',
    `UPDATE holdfast_views.daily_sales SET slot_id = 'nowhere' WHERE slot_id = 'hall'`,
    /daily_sales nowhere$/,
    /nothing in the log/,
  ],
  ['a missing slot', `DELETE FROM holdfast_views.slots WHERE slot_id = 'trip'`, /slots trip$/, /is missing/],
  [
    'an added slot',
    `INSERT INTO holdfast_views.slots (${SLOT_COLUMNS}) SELECT ${SLOT_COLUMNS} FROM (
       SELECT (jsonb_populate_record(s, '{"slot_id":"extra"}')).* FROM holdfast_views.slots s WHERE slot_id = 'trip') AS extra`,
    /slots extra$/,
    /nothing in the log/,
  ],
  [
    'a changed price of a unit',
    `UPDATE holdfast_views.slot_units SET price = 1 WHERE slot_id = 'hall' AND unit_id = 'B2'`,
    /slot_units hall \/ B2$/,
    /^price is 1, the log says 3100/,
  ],
  [
    'a missing unit',
    `DELETE FROM holdfast_views.slot_units WHERE slot_id = 'hamlet' AND unit_id = 'A7'`,
    /slot_units hamlet \/ A7$/,
    /is missing/,
  ],
  [
    'a forgotten block',
    `DELETE FROM holdfast_views.slot_units WHERE slot_id = 'hall' AND unit_id = 'pit'`,
    /slot_units hall \/ pit$/,
    /is missing/,
  ],
  [
    'a withdrawn unit that is back',
    `UPDATE holdfast_views.slot_units SET withdrawn = false WHERE slot_id = 'hamlet' AND unit_id = 'A5'`,
    /slot_units hamlet \/ A5$/,
    /^withdrawn is false/,
  ],
  [
    'a claim sold that is held',
    `UPDATE holdfast_views.slot_claims SET status = 'sold', held_until = NULL WHERE booking_id = 'trip.2'`,
    /slot_claims trip \/ A1 \/ trip.2 \/ 2$/,
    /status is "sold"/,
  ],
  [
    'a missing claim',
    `DELETE FROM holdfast_views.slot_claims WHERE booking_id = 'hamlet.1'`,
    /slot_claims hamlet \/ A1 \/ hamlet.1 \/ 0$/,
    /is missing/,
  ],
  [
    'an added claim',
    `INSERT INTO holdfast_views.slot_claims VALUES ('hamlet', 'A4', 'hamlet.9', 0, 1, 1, 'sold')`,
    /slot_claims hamlet \/ A4 \/ hamlet.9 \/ 0$/,
    /nothing in the log/,
  ],
  [
    'a changed status of a booking',
    `UPDATE holdfast_views.bookings SET status = 'CONFIRMED' WHERE booking_id = 'hamlet.2'`,
    /bookings hamlet.2$/,
    /^status is "CONFIRMED", the log says "EXPIRED"/,
  ],
  [
    'a changed total of a booking',
    `UPDATE holdfast_views.bookings SET total = 0 WHERE booking_id = 'hamlet.3'`,
    /bookings hamlet.3$/,
    /^total is 0/,
  ],
  ['a missing booking', `DELETE FROM holdfast_views.bookings WHERE booking_id = 'cars.1'`, /bookings cars.1$/, /is missing/],
  [
    'an added booking',
    `INSERT INTO holdfast_views.bookings SELECT (jsonb_populate_record(b, '{"booking_id":"dark.2"}')).* FROM holdfast_views.bookings b WHERE booking_id = 'dark.1'`,
    /bookings dark.2$/,
    /nothing in the log/,
  ],
  [
    'a booking of a slot that never was',
    `UPDATE holdfast_views.bookings SET slot_id = 'nowhere' WHERE booking_id = 'hall.1'`,
    /bookings hall.1$/,
    /nothing in the log/,
  ],
  [
    'a slot that is cancelled for bookings only',
    `UPDATE holdfast_views.booked_slots SET cancelled = true WHERE slot_id = 'cars'`,
    /booked_slots cars$/,
    /^cancelled is true/,
  ],
  ['a changed layout', `UPDATE holdfast_views.layouts SET capacity = 1`, /layouts /, /^capacity is 1, the log says 32/],
  [
    'a moved seat of a layout',
    `UPDATE holdfast_views.layout_units SET place = 9 WHERE unit_id = 'B2'`,
    /layout_units .* \/ B2$/,
    /^place is 9, the log says 1/,
  ],
  ['a missing seat of a layout', `DELETE FROM holdfast_views.layout_units WHERE unit_id = 'B1'`, /layout_units .* \/ B1$/, /is missing/],
];

describe('verify', function () {
  this.timeout(60_000);
  let history: TestDatabase;
  let clean: VerifyReport;
  let damaged: TestDatabase;

  before('make a history', async () => {
    history = await createTestDatabase();
    await makeHistory(history.connectionString);
    clean = await verify(history.connectionString);
  });
  after(() => history.drop());
  beforeEach(async () => {
    damaged = await createTestDatabase(history);
  });
  afterEach(() => damaged.drop());

  it('finds nothing off where nothing is, and says how much it has looked at', () => {
    expect(clean.faults).to.deep.equal([]);
    expect(clean).to.deep.include({ verdict: 'clean', since: null, faultCount: 0 });
    expect(clean.counts).to.deep.include({ streams: 7, bookings: 11, snapshots: 5 });
    expect(clean.counts.rows).to.be.greaterThan(40);
    expect(clean.counts.events).to.equal(clean.position);
    expect(clean.views).to.deep.equal({ inventory: clean.position, bookings: clean.position, sales: clean.position });
  });

  it('finds nothing off where nothing has happened, and nobody has made read models yet', async () => {
    const empty = await createTestDatabase();
    try {
      expect(await verify(empty.connectionString)).to.deep.include({ verdict: 'clean', position: 0, faultCount: 0 });
    } finally {
      await empty.drop();
    }
  });

  it('gives a digest that anybody can make with the database’s own means', async () => {
    const { rows } = await withClient(damaged.connectionString, (client) =>
      client.query<{ digest: string }>(
        `SELECT encode(sha256(convert_to(string_agg(
                position || ' ' || recorded_at || ' ' || encode(hash, 'hex') || E'\\n', '' ORDER BY position), 'UTF8')), 'hex') AS digest
         FROM holdfast.events`,
      ),
    );
    expect(clean.digest).to.equal(`holdfast:${clean.position}:${rows[0]?.digest}`);
  });

  for (const { name, statements, check, where, message } of DAMAGES) {
    it(`finds ${name}`, async () => {
      await plant(damaged.connectionString, ...statements);
      const { verdict, faults, faultCount } = await verify(damaged.connectionString);
      expect({ verdict, faultCount }).to.deep.include({ verdict: 'faulty' });
      const found = faults.find((fault) => fault.check === check && where.test(fault.where) && message.test(fault.message));
      expect(found, JSON.stringify(faults, null, 1)).to.not.equal(undefined);
    });
  }

  for (const [name, statement, where, message] of ROWS) {
    it(`finds ${name}, and nothing else`, async () => {
      await plant(damaged.connectionString, statement);
      const { verdict, faults } = await verify(damaged.connectionString);
      expect(verdict).to.equal('faulty');
      expect(new Set(faults.map((fault) => fault.check))).to.deep.equal(new Set(['read-models']));
      const found = faults.find((fault) => where.test(fault.where) && message.test(fault.message));
      expect(found, JSON.stringify(faults, null, 1)).to.not.equal(undefined);
    });
  }

  describe('of an oversold seat that was appended by the book', () => {
    it('finds who has it twice, by two ways of counting', async () => {
      const { store, close } = await openHoldfast({ databaseUrl: damaged.connectionString, dataFolder: '' });
      const instants = { requestedAt: NOW + HOUR, expiresAt: NOW + 2 * HOUR, maxExpiresAt: NOW + 2 * HOUR };
      await append(
        store,
        'slot-hamlet',
        held('hamlet.9', [claim('A1')], instants).map((event) => ({ event, at: NOW + HOUR, commandId: null, commandHash: null })),
      );
      await close();
      const { faults } = await verify(damaged.connectionString);
      expect(faults.map(({ check }) => check)).to.deep.equal(['conservation', 'conservation']);
      expect(faults[0]?.message).to.match(/^unit A1 does not add up at 0: held 1 \+ sold 1 .* of 1, claimed by hamlet\.1 and hamlet\.9$/);
    });
  });

  describe('of a snapshot', () => {
    async function replaceState(slotId: string, change: Partial<StoredState>): Promise<void> {
      await withClient(damaged.connectionString, async (client) => {
        const { rows } = await client.query<{ state: Buffer }>('SELECT state FROM holdfast.snapshots WHERE stream_id = $1', [
          `slot-${slotId}`,
        ]);
        const state = parseSnapshot(await unpackText(rows[0]?.state as Buffer));
        const packed = await packText([JSON.stringify({ ...state, ...change })]);
        await client.query('UPDATE holdfast.snapshots SET state = $2 WHERE stream_id = $1', [`slot-${slotId}`, packed]);
      });
    }

    async function expectFault(where: RegExp, message: RegExp): Promise<void> {
      const { faults } = await verify(damaged.connectionString);
      expect(faults.map(({ check }) => check)).to.deep.equal(['snapshots']);
      expect(faults[0]?.where).to.match(where);
      expect(faults[0]?.message).to.match(message);
    }

    it('by which a seat that is taken is free, finds what is not so', async () => {
      await replaceState('hall', { profiles: [] });
      await expectFault(/^slot-hall version \d+$/, /^its snapshot is not what the events before it make: profiles$/);
    });

    it('of a slot that went on since, finds what was not so then', async () => {
      await replaceState('hamlet', { lastEventAt: NOW });
      await expectFault(/^slot-hamlet version \d+$/, /: lastEventAt$/);
    });

    it('that cannot be read, says so', async () => {
      await plant(damaged.connectionString, `UPDATE holdfast.snapshots SET state = substr(state, 1, 40) WHERE stream_id = 'slot-trip'`);
      await expectFault(/^slot-trip /, /^its snapshot cannot be read, and is passed over: /);
    });

    it('that is of the middle of a decision, says so', async () => {
      await plant(
        damaged.connectionString,
        `UPDATE holdfast.snapshots AS kept SET version = event.version, hash = event.hash FROM holdfast.events AS event
          WHERE kept.stream_id = 'slot-trip' AND event.stream_id = 'slot-trip' AND event.type = 'BookingRequested' AND event.version = 2`,
      );
      await replaceState('trip', { version: 2 });
      await expectFault(/^slot-trip version 2$/, /^its snapshot is of the middle of a decision/);
    });

    it('of another history passes it over, as services do', async () => {
      await plant(damaged.connectionString, `UPDATE holdfast.snapshots SET hash = sha256('x') WHERE stream_id = 'slot-trip'`);
      const { verdict, counts } = await verify(damaged.connectionString);
      expect([verdict, counts.snapshots]).to.deep.equal(['clean', 4]);
    });
  });

  describe('of a history that was rewritten with all of its hashes', () => {
    const rewrite = [
      `UPDATE holdfast.events SET metadata = replace(metadata, '"test"', '"else"') WHERE stream_id = 'slot-trip' AND version = 2`,
      `DO $$
       DECLARE one record; chain bytea := decode(repeat('00', 32), 'hex');
       BEGIN
         FOR one IN SELECT * FROM holdfast.events WHERE stream_id = 'slot-trip' ORDER BY version LOOP
           UPDATE holdfast.events SET previous_hash = chain,
             hash = holdfast.chain_hash(chain, one.stream_id, one.version, one.event_id, one.type, one.schema_version, one.data, one.metadata)
             WHERE position = one.position RETURNING hash INTO chain;
         END LOOP;
         UPDATE holdfast.streams SET head_hash = chain WHERE stream_id = 'slot-trip';
       END $$`,
    ];

    it('is consistent in itself, and found by the digest that was kept elsewhere', async () => {
      await plant(damaged.connectionString, ...rewrite);
      expect((await verify(damaged.connectionString)).faults).to.deep.equal([]);
      const report = await verify(damaged.connectionString, clean.digest);
      expect(report.since).to.deep.equal({ digest: clean.digest, unchanged: false });
      expect(report.faults.map(({ check, where }) => [check, where])).to.deep.equal([['digest', `position ${clean.position}`]]);
    });
  });

  describe('since a digest of', () => {
    it('a shorter history, tells that it is still the same', async () => {
      const { store, close } = await openHoldfast({ databaseUrl: damaged.connectionString, dataFolder: '' });
      await append(store, 'slot-hall', [
        { event: { type: 'SlotClosed', reason: null }, at: NOW + DAY, commandId: null, commandHash: null },
      ]);
      await close();
      const report = await verify(damaged.connectionString, clean.digest);
      expect(report).to.deep.include({ verdict: 'clean', position: clean.position + 1, since: { digest: clean.digest, unchanged: true } });
      expect(report.digest).not.to.equal(clean.digest);
    });

    it('a longer history, tells that some is gone', async () => {
      const longer = formatDigest({ position: clean.position + 1, sha256: 'a'.repeat(64) });
      const report = await verify(damaged.connectionString, longer);
      expect(report.faults.map(({ message }) => message)).to.match(/taken of a longer log: this one ends at position/);
      expect(report.since).to.deep.equal({ digest: longer, unchanged: false });
    });

    it('another clock, tells that instants were changed', async () => {
      await plant(damaged.connectionString, 'UPDATE holdfast.events SET recorded_at = recorded_at - 1 WHERE position = 1');
      expect((await verify(damaged.connectionString, clean.digest)).since).to.deep.include({ unchanged: false });
    });
  });

  describe('of a layout that cannot be read', () => {
    it('says so of the layout and of every slot on it, and goes on with the others', async () => {
      await plant(
        damaged.connectionString,
        `UPDATE holdfast.events SET data = substr(data, 1, 20) WHERE type = 'LayoutUnitsAdded'`,
        `UPDATE holdfast.events SET metadata = replace(metadata, 'test', 'tesT') WHERE stream_id = 'slot-wings' AND version = 2`,
      );
      const { faults, counts } = await verify(damaged.connectionString);
      const told = faults.map(({ check, where }) => `${check} ${where.replace(/^layout-[\w-]+/, 'layout').replace(/ \(.*/, '')}`);
      expect(told).to.have.members([
        'hash-chain layout version 2',
        'contract layout version 2',
        'replay slot-hall version 1',
        'replay slot-wings version 1',
        'hash-chain slot-wings version 2',
      ]);
      expect(faults.find(({ check }) => check === 'replay')?.message).to.match(
        /^stands on a layout that cannot be read: event LayoutUnitsAdded at version 2 of layout [\w-]+ \(position 2\)/,
      );
      expect(counts).to.include({ streams: 7, events: clean.counts.events });
    });
  });

  describe('of a layout that is not all there', () => {
    it('says so of the layout and of every slot on it, and goes on with the others', async () => {
      await plant(damaged.connectionString, `DELETE FROM holdfast.events WHERE stream_id LIKE 'layout-%' AND version = 2`);
      const { faults } = await verify(damaged.connectionString);
      const told = faults.filter(({ check }) => check === 'replay');
      expect(told.map(({ where }) => where.replace(/ \(.*/, ''))).to.have.members(['slot-hall version 1', 'slot-wings version 1']);
      for (const { message } of told) expect(message).to.match(/^stands on a layout that cannot be read: /);
      expect(faults.map(({ check, where }) => `${check} ${where}`)).to.match(/versions layout-/);
    });
  });

  describe('of views that stand still', () => {
    it('says so, and compares them with the log as far as they have come', async () => {
      const { store, close } = await openHoldfast({ databaseUrl: damaged.connectionString, dataFolder: '' });
      const poison = { ...recorded({ type: 'SlotReopened', reason: null }), type: 'BookingCancelled', data: '{"bookingId":"hall.1"}' };
      await appendRaw(store, 'slot-hall', [poison]);
      await close();
      await plant(damaged.connectionString, `UPDATE holdfast_views.daily_sales SET units_sold = 0 WHERE slot_id = 'trip'`);
      const { faults, views } = await verify(damaged.connectionString);
      expect(views).to.deep.equal({ inventory: clean.position, bookings: clean.position, sales: clean.position + 1 });
      expect(faults.map(({ check, where }) => `${check} ${where}`)).to.have.members([
        'views-behind inventory',
        'views-behind bookings',
        'read-models daily_sales trip',
        `contract slot-hall version 6 (position ${clean.position + 1})`,
      ]);
    });
  });
});
