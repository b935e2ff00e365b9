import { expect } from 'chai';
import { localHoursOver } from '../../src/domain/local-hours.ts';
import { fold } from '../../src/projections/fold.ts';
import { availabilityOf, hours } from '../../src/projections/hours/hours.ts';
import { HOURLY_AVAILABILITY, HOURLY_FLEETS, type HourlyAvailabilityRow, type HourlyFleetRow } from '../../src/projections/hours/tables.ts';
import type { FeedEvent, Key, Row, Table } from '../../src/projections/projection.ts';
import { FleetHistory } from '../support/fleet-history.ts';
import { FleetLedger } from '../support/fleet-ledger.ts';
import { between, seeded } from '../support/random.ts';
import { DAY, HOUR } from '../support/slot-builders.ts';

/** So many that events of every kind are among them. */
const SEQUENCES = Math.max(60, Math.ceil(Number(process.env.HOLDFAST_SEQUENCES ?? 1_000) / 50));
const STEPS = 50;
/** Rows that are looked at after a batch; after the last one it is all of them. */
const LOOKED_AT = 60;
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);

/** The tables of the projection, in memory. */
class Tables {
  private readonly tables = new Map<string, Map<string, Row>>();

  async fold(events: readonly FeedEvent[]): Promise<void> {
    const load = async (table: Table<Row>, keys: readonly Key[]) =>
      keys.flatMap((key) => structuredClone(this.of(table).get(JSON.stringify(key)) ?? []) as Row[]);
    for (const { table, added, changed, removed } of await fold(hours, events, load)) {
      for (const row of [...added, ...changed]) this.of(table).set(JSON.stringify(table.key.map((property) => row[property])), row);
      for (const key of removed) this.of(table).delete(JSON.stringify(key));
    }
  }

  rows<R extends Row>(table: Table<R>): readonly R[] {
    return [...this.of(table).values()] as unknown as readonly R[];
  }

  private of({ name }: Table<Row>): Map<string, Row> {
    const known = this.tables.get(name) ?? new Map<string, Row>();
    this.tables.set(name, known);
    return known;
  }
}

async function live(seed: number): Promise<{ readonly rows: number; readonly events: readonly FeedEvent[] }> {
  const history = new FleetHistory(seed);
  const random = seeded(seed + 1);
  const ledger = new FleetLedger();
  const tables = new Tables();
  let folded = 0;
  let most = 0;
  for (let step = 0; step < STEPS; step += 1) {
    history.step();
    if (random() < 0.4 && step < STEPS - 1) continue;
    const batch = history.feed.slice(folded);
    folded = history.feed.length;
    const over = new Map(
      tables
        .rows(HOURLY_AVAILABILITY)
        .filter(({ endsAt }) => endsAt <= (batch[0]?.at ?? 0) - 2 * HOUR)
        .map((row) => [row.startsAt, row]),
    );
    await tables.fold(batch);
    for (const event of batch) ledger.take(event);
    const now = history.state.lastEventAt;
    const rows = tables.rows(HOURLY_AVAILABILITY);
    most = Math.max(most, rows.length);
    const isLast = step === STEPS - 1;
    for (const row of rows) {
      if (!isLast && random() > LOOKED_AT / rows.length) continue;
      const known = over.get(row.startsAt);
      if (known !== undefined) expect(row, 'an hour that is over stays').to.deep.equal(known);
      else if (row.endsAt > now)
        expect(said(row), `seed ${seed} step ${step} ${new Date(row.startsAt).toISOString()}`).to.deep.equal(expected(ledger, row));
    }
    const [fleet] = tables.rows(HOURLY_FLEETS) as [HourlyFleetRow];
    const starts = new Set(rows.map(({ startsAt }) => startsAt));
    const from = now + between(random, 0, 60 * 24) * HOUR;
    for (const hour of localHoursOver({ from, to: from + DAY }, fleet.timeZone)) {
      if (starts.has(hour.from)) continue;
      const row = availabilityOf(fleet, hour, {});
      expect(said(row), `seed ${seed} step ${step} without a row ${new Date(hour.from).toISOString()}`).to.deep.equal(
        expected(ledger, row),
      );
    }
  }
  return { rows: most, events: history.feed };
}

function said({ free, freeUnitIds, capacity, isOpen, hub, model, day, hour }: HourlyAvailabilityRow) {
  return { free, freeUnitIds: [...freeUnitIds].sort(), capacity, isOpen, hub, model, shown: `${day} ${String(hour).padStart(2, '0')}` };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function dateAndHour(timeZone: string, instant: number): string {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(timeZone, clock);
  return clock.format(instant).slice(0, 13);
}

function expected(ledger: FleetLedger, { startsAt, endsAt }: HourlyAvailabilityRow): ReturnType<typeof said> {
  const span = { from: startsAt, to: endsAt };
  const free = ledger.freeOver(span);
  const { title, metadata, venue, timeZone } = ledger.opened;
  return {
    free: [...free.values()].reduce((sum, one) => sum + one, 0),
    freeUnitIds: [...free.keys()].sort(),
    capacity: [...ledger.units.values()].reduce((sum, { capacity = 1 }) => sum + capacity, 0),
    isOpen: ledger.isOpen(span),
    hub: venue?.venueId ?? null,
    model: metadata.model ?? title,
    shown: dateAndHour(timeZone, startsAt),
  };
}

describe(`hourly availability of ${SEQUENCES} random fleets (seed ${SEED})`, function () {
  this.timeout(30_000 + SEQUENCES * 2_000);

  it('says of each hour what a sweep over bookings and blocks says, with a row or without', async () => {
    const kinds = new Set<string>();
    let rows = 0;
    for (let sequence = 0; sequence < SEQUENCES; sequence += 1) {
      const lived = await live(SEED + sequence);
      rows = Math.max(rows, lived.rows);
      for (const { event } of lived.events) kinds.add(event.type);
    }
    expect([...kinds]).to.include.members(
      hours.events.filter((type) => !['LayoutUnitsAdded', 'SlotClosed', 'SlotReopened', 'SlotCancelled'].includes(type)),
    );
    expect(rows).to.be.greaterThan(100);
  });
});
