import { expect } from 'chai';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { UnreadableEventError } from '../../src/eventstore/slot-replay.ts';
import type { AsOf, SlotHistory, UnitAsOf } from '../../src/queries/audit.ts';
import { createSlotHistory } from '../../src/queries/slot-history.ts';
import { acceptedOf, type CommandSide, commandSide, context, eventsOf, rejectionOf } from '../support/command-side.ts';
import { appendRaw, recorded } from '../support/read-side.ts';
import {
  book,
  cancel,
  confirm,
  DAY,
  HOUR,
  MINUTE,
  NOW,
  openSlot,
  SECOND,
  STARTS,
  seat,
  seats,
  stops,
  stopsAxis,
} from '../support/slot-builders.ts';

const NOWADAYS: AsOf = { kind: 'now' };
const atVersion = (version: number): AsOf => ({ kind: 'version', version });
const atInstant = (at: number): AsOf => ({ kind: 'instant', at });

let clock = NOW;
let store: EventStore;
let commands: CommandSide;
let history: SlotHistory;

function startAfresh(): void {
  clock = NOW;
  store = createMemoryEventStore({ now: () => clock });
  commands = commandSide(store);
  history = createSlotHistory(store, new LayoutReader(store));
}

/** Does these things a minute apart, from a minute after NOW on. */
async function tell(slotId: string, ...asked: readonly SlotCommand[]): Promise<void> {
  for (const one of asked) {
    clock += MINUTE;
    acceptedOf(await commands.ask(slotId, one));
  }
}

async function slotThen(asOf: AsOf, slotId = 'hamlet') {
  const then = await history.slotAsOf(slotId, asOf);
  if (then === null) throw new Error('Expected the slot to have been there.');
  const { version, status, counts } = then.summary;
  const units = Object.fromEntries(then.units.map((view) => [view.unit.unitId, view.status ?? view.quantities]));
  return { version, status, counts, units, bookings: then.bookings, views: then.units, position: then.position };
}

async function found(slotId: string, unitId: string, at: number | null = null): Promise<Extract<UnitAsOf, { kind: 'found' }>> {
  const answer = await history.unitAsOf(slotId, unitId, at);
  if (answer.kind !== 'found') throw new Error(`Expected to find the unit, got ${answer.kind}.`);
  return answer;
}

const typesIn = (answer: Extract<UnitAsOf, { kind: 'found' }>) => answer.items.map(({ type }) => type);

describe('the history of a show', () => {
  beforeEach(async () => {
    startAfresh();
    await commands.open('elsewhere');
    await tell(
      'hamlet',
      openSlot(), // 1 at minute 1
      book('b1', ['A1', ['yard', 3]]), // 2, 3 at minute 2
      book('b2', ['A2']), // 4, 5 at minute 3
      confirm('b2'), // 6 at minute 4
      { type: 'BlockUnits', units: [{ unitId: 'A3' }], span: null, reason: 'broken' }, // 7 at minute 5
      cancel('b2'), // 8 at minute 6
      { type: 'CloseSlot', reason: null }, // 9 at minute 7
    );
  });

  it('tells the slot as it was at a version', async () => {
    expect(await slotThen(atVersion(1))).to.deep.include({
      version: 1,
      status: 'OPEN',
      counts: { capacity: 14, free: 14, held: 0, sold: 0, blocked: 0 },
      bookings: [],
      position: 2,
    });
    expect(await slotThen(atVersion(6))).to.deep.include({
      version: 6,
      counts: { capacity: 14, free: 9, held: 4, sold: 1, blocked: 0 },
      units: { A1: 'held', A2: 'sold', A3: 'free', A4: 'free', yard: { free: 7, held: 3, sold: 0, blocked: 0 } },
      position: 7,
    });
    expect((await slotThen(atVersion(9))).status).to.equal('CLOSED');
  });

  it('tells the slot as it was at an instant, with everything up to it', async () => {
    const before = await slotThen(atInstant(NOW + 4 * MINUTE - 1));
    const then = await slotThen(atInstant(NOW + 4 * MINUTE));

    expect([before.version, before.units.A2]).to.deep.equal([5, 'held']);
    expect([then.version, then.units.A2]).to.deep.equal([6, 'sold']);
    expect(before.views.find(({ unit }) => unit.unitId === 'A2')).to.include({ heldUntil: NOW + 13 * MINUTE, price: 4_500 });
    expect(then.bookings.map(({ bookingId, status, version }) => [bookingId, status, version])).to.deep.equal([
      ['b1', 'HELD', 3],
      ['b2', 'CONFIRMED', 6],
    ]);
  });

  it('tells the slot as it is now', async () => {
    expect(await slotThen(NOWADAYS)).to.deep.include({
      version: 9,
      status: 'CLOSED',
      units: { A1: 'held', A2: 'free', A3: 'blocked', A4: 'free', yard: { free: 7, held: 3, sold: 0, blocked: 0 } },
      position: 10,
    });
  });

  it('shows a hold that had lapsed as free, though nobody had recorded it, and invents no version', async () => {
    const lastMoment = await slotThen(atInstant(NOW + 12 * MINUTE - 1));
    const lapsed = await slotThen(atInstant(NOW + 12 * MINUTE));
    clock = NOW + HOUR;

    expect([lastMoment.units.A1, lastMoment.bookings[0]?.status]).to.deep.equal(['held', 'HELD']);
    expect([lapsed.units.A1, lapsed.bookings[0]?.status, lapsed.version]).to.deep.equal(['free', 'EXPIRED', 9]);
    expect(lapsed.counts).to.deep.equal({ capacity: 14, free: 13, held: 0, sold: 0, blocked: 1 });
    expect(lapsed.bookings[0]?.version, 'the last event of the booking').to.equal(3);
    expect((await slotThen(NOWADAYS)).units.A1).to.equal('free');
    expect((await slotThen(atVersion(9))).units.A1, 'as of the version’s own instant').to.equal('held');
    expect(await eventsOf(store, 'hamlet')).to.have.length(9);
  });

  it('has nothing to tell of what was not there', async () => {
    expect(await history.slotAsOf('nowhere', NOWADAYS)).to.equal(null);
    expect(await history.slotAsOf('hamlet', atVersion(0))).to.equal(null);
    expect(await history.slotAsOf('hamlet', atVersion(10))).to.equal(null);
    expect(await history.slotAsOf('hamlet', atInstant(NOW + MINUTE - 1))).to.equal(null);
    expect(await history.unitAsOf('nowhere', 'A1', null)).to.deep.equal({ kind: 'slot-not-found' });
    expect(await history.unitAsOf('hamlet', 'A1', NOW)).to.deep.equal({ kind: 'slot-not-found' });
    expect(await history.unitAsOf('hamlet', 'Z9', null)).to.deep.equal({ kind: 'unknown-unit' });
  });

  it('explains a unit by the events that made it what it is, oldest first', async () => {
    const a2 = await found('hamlet', 'A2');
    const a3 = await found('hamlet', 'A3');

    expect(typesIn(a2)).to.deep.equal(['SlotOpened', 'SeatsHeld', 'BookingConfirmed', 'BookingCancelled']);
    expect(a2.items.map(({ version }) => version)).to.deep.equal([1, 5, 6, 8]);
    expect(a2.holders).to.deep.equal([]);
    expect(typesIn(a3)).to.deep.equal(['SlotOpened', 'UnitsBlocked']);
    expect(typesIn(await found('hamlet', 'A4'))).to.deep.equal(['SlotOpened']);
  });

  it('tells who had a unit at an instant', async () => {
    const held = await found('hamlet', 'A2', NOW + 3 * MINUTE);
    const sold = await found('hamlet', 'A2', NOW + 5 * MINUTE);
    const yard = await found('hamlet', 'yard');

    expect(held.holders).to.deep.equal([{ bookingId: 'b2', customerId: 'c-17', status: 'held', quantity: 1 }]);
    expect(typesIn(held)).to.deep.equal(['SlotOpened', 'SeatsHeld']);
    expect(sold.holders).to.deep.equal([{ bookingId: 'b2', customerId: 'c-17', status: 'sold', quantity: 1 }]);
    expect(yard.holders).to.deep.equal([{ bookingId: 'b1', customerId: 'c-17', status: 'held', quantity: 3 }]);
  });

  it('names no holder once the hold has lapsed', async () => {
    const lapsed = await found('hamlet', 'A1', NOW + 12 * MINUTE);

    expect(lapsed.holders).to.deep.equal([]);
    expect(typesIn(lapsed)).to.deep.equal(['SlotOpened', 'SeatsHeld']);
  });

  it('follows a unit that came later, was withdrawn, and came back', async () => {
    await tell(
      'hamlet',
      { type: 'AddUnits', units: [seat('B1')] },
      { type: 'ChangeUnits', changes: [{ unitId: 'B1', price: 100 }] },
      { type: 'WithdrawUnits', units: [{ unitId: 'B1' }], reason: null },
    );
    expect(typesIn(await found('hamlet', 'B1'))).to.deep.equal(['UnitsAdded', 'UnitsChanged', 'UnitsWithdrawn']);
    expect(await history.unitAsOf('hamlet', 'B1', NOW + 7 * MINUTE)).to.deep.equal({ kind: 'unknown-unit' });

    await tell('hamlet', { type: 'AddUnits', units: [seat('B1')] }, { type: 'CancelSlot', reason: 'storm' });

    expect(typesIn(await found('hamlet', 'B1')).slice(3)).to.deep.equal(['UnitsAdded', 'SlotCancelled']);
  });

  it('takes no event for the unit’s own that only has its name in it', async () => {
    await tell('hamlet', { type: 'ReopenSlot', reason: 'A4' }, { type: 'AddUnits', units: [seat('A44')] });
    await tell('hamlet', book('A4', ['A44'], { customerId: 'A4', metadata: { A4: 'A4' }, reference: 'A4' }), confirm('A4', 'A4'));

    expect(typesIn(await found('hamlet', 'A4'))).to.deep.equal(['SlotOpened']);
  });

  it('keeps the newest of very many events', async () => {
    await tell('hamlet', { type: 'ReopenSlot', reason: null });
    for (let round = 0; round < 400; round += 1) {
      await commands.ask('hamlet', book(`r${round}`, ['A4']));
      await commands.ask('hamlet', confirm(`r${round}`));
      await commands.ask('hamlet', cancel(`r${round}`));
    }

    const { items } = await found('hamlet', 'A4');

    expect(items).to.have.length(1_000);
    expect(items.at(-1)).to.include({ type: 'BookingCancelled', version: 10 + 400 * 4 });
  });
});

describe('the history of a trip', () => {
  it('tells every holder of a seat, each on a stretch of its own', async () => {
    startAfresh();
    const trip: Partial<OpenSlot> = { slotId: 'trip', axis: stopsAxis(4), units: seats(2) };
    await tell('trip', openSlot(trip), book('b1', ['A1'], { span: stops(0, 1) }), book('b2', ['A1'], { span: stops(1, 3) }), confirm('b2'));

    const { holders } = await found('trip', 'A1');
    const { counts, units } = await slotThen(NOWADAYS, 'trip');

    expect(holders.map(({ bookingId, status }) => [bookingId, status])).to.deep.equal([
      ['b1', 'held'],
      ['b2', 'sold'],
    ]);
    expect(units, 'over the whole trip').to.deep.equal({ A1: 'sold', A2: 'free' });
    expect(counts.capacity).to.equal(2);
    expect((await slotThen(atInstant(clock + 10 * MINUTE), 'trip')).bookings.map(({ status }) => status)).to.deep.equal([
      'EXPIRED',
      'CONFIRMED',
    ]);
  });
});

describe('the history of a fleet', () => {
  const from = STARTS;
  const rent = (bookingId: string, start: number) =>
    book(bookingId, ['car1'], { span: { from: start, to: start + HOUR }, confirm: { paymentReference: bookingId } });

  beforeEach(async () => {
    startAfresh();
    const cars = ['car1', 'car2'].map((unitId) => ({ unitId, category: 'small', price: 900 }));
    await tell(
      'hub',
      openSlot({ slotId: 'hub', axis: { type: 'time', bufferMinutes: 30 }, units: cars }),
      rent('r1', from),
      rent('r2', from + 2 * HOUR),
    );
  });

  it('tells who has a car at the instant, whatever comes before and after', async () => {
    expect((await found('hub', 'car1')).holders).to.deep.equal([]);
    expect((await found('hub', 'car1', from)).holders.map(({ bookingId }) => bookingId)).to.deep.equal(['r1']);
    expect((await found('hub', 'car1', from + HOUR)).holders).to.deep.equal([]);
    expect((await found('hub', 'car1', from + 2 * HOUR + SECOND)).holders.map(({ bookingId }) => bookingId)).to.deep.equal(['r2']);
    expect(typesIn(await found('hub', 'car1', from))).to.deep.equal([
      'SlotOpened',
      'SeatsHeld',
      'BookingConfirmed',
      'SeatsHeld',
      'BookingConfirmed',
    ]);
  });

  it('shows the cars as they are at the instant, with the buffer behind a rental', async () => {
    const statusAt = async (at: number) => (await slotThen(atInstant(at), 'hub')).units;

    expect(await statusAt(from - 1)).to.deep.equal({ car1: 'free', car2: 'free' });
    expect(await statusAt(from)).to.deep.equal({ car1: 'sold', car2: 'free' });
    expect(await statusAt(from + HOUR + 29 * MINUTE)).to.deep.equal({ car1: 'sold', car2: 'free' });
    expect(await statusAt(from + HOUR + 30 * MINUTE)).to.deep.equal({ car1: 'free', car2: 'free' });
    expect((await slotThen(atInstant(from), 'hub')).counts).to.deep.equal({ capacity: 2, free: 1, held: 0, sold: 1, blocked: 0 });
  });

  it('shows what a later state no longer keeps: a rental that was cancelled', async () => {
    await tell('hub', cancel('r1'));
    clock += 2 * DAY;
    acceptedOf(await commands.execute('hub', rent('r3', from + 5 * HOUR), context()));

    const then = await slotThen(atVersion(8), 'hub');

    expect(then.bookings.map(({ bookingId, status }) => [bookingId, status])).to.deep.equal([
      ['r1', 'CANCELLED'],
      ['r2', 'CONFIRMED'],
    ]);
    expect((await found('hub', 'car1', from)).holders).to.deep.equal([]);
  });
});

describe('the history of a slot with an event that cannot be read', () => {
  const { origin: _, ...closed } = recorded({
    event: { type: 'SlotClosed', reason: null },
    at: NOW + 10 * MINUTE,
    commandId: null,
    commandHash: null,
  });
  const unreadable = {
    'no JSON': { ...closed, data: '{"reason":' },
    'stored by a newer release': { ...closed, schemaVersion: 99 },
  };

  for (const [what, event] of Object.entries(unreadable)) {
    describe(`that is ${what}`, () => {
      beforeEach(async () => {
        startAfresh();
        await tell('hamlet', openSlot(), book('b1', ['A1'])); // 1 at minute 1, 2 and 3 at minute 2
        await appendRaw(store, 'slot-hamlet', [event]); // 4 at minute 10
      });

      it('is told up to there, by version and by instant', async () => {
        expect(await slotThen(atVersion(1))).to.deep.include({ version: 1, position: 1 });
        expect(await slotThen(atVersion(3))).to.deep.include({ version: 3, position: 3 });
        expect(await slotThen(atInstant(NOW + 10 * MINUTE - 1))).to.have.property('version', 3);
        expect((await found('hamlet', 'A1', NOW + 2 * MINUTE)).holders).to.have.length(1);
      });

      it('names the event where it is asked for', async () => {
        for (const asking of [
          history.slotAsOf('hamlet', atVersion(4)),
          history.slotAsOf('hamlet', NOWADAYS),
          history.slotAsOf('hamlet', atInstant(NOW + 10 * MINUTE)),
          history.unitAsOf('hamlet', 'A1', null),
        ]) {
          const error = await rejectionOf(asking);
          expect(error).to.be.instanceOf(UnreadableEventError);
          expect(error.message).to.match(/^event SlotClosed at version 4 of slot-hamlet \(position 4\) cannot be read: /);
        }
      });
    });
  }

  it('names the event whose metadata do not tell when it was', async () => {
    startAfresh();
    await tell('hamlet', openSlot());
    await appendRaw(store, 'slot-hamlet', [{ ...closed, metadata: '{"at":' }]);

    expect(await slotThen(atVersion(1))).to.have.property('version', 1);
    const error = await rejectionOf(history.slotAsOf('hamlet', atInstant(NOW + MINUTE)));
    expect(error.message).to.match(/^event SlotClosed at version 2 of slot-hamlet \(position 2\) cannot be read: /);
  });
});
