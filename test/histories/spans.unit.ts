import { expect } from 'chai';
import type { Json } from './history.ts';
import { at, booking, bookingRequest, claim, get, held, MadeHistory, opened, POLICY, post, requested, T0 } from './made-history.ts';

const HOUR = 3_600_000;
const STOPS = ['S0', 'S1', 'S2', 'S3'].map((stopId, index) => ({ stopId, departsAt: T0 + (24 + index) * HOUR }));

/** A trip of four stops with one seat, which somebody holds from the first stop to the second. */
function trip(...others: readonly Json[]): MadeHistory {
  const history = new MadeHistory();
  const seat = { unitId: '1', category: 'seat', price: 100, priceBasis: 'stop' };
  history.log('show', 'SlotOpened', opened({ axis: { type: 'stops', stops: STOPS }, units: [seat, ...others] }));
  ride(history, 'show.a', 0, 1);
  return history;
}

/** A car with half an hour between its rentals, which somebody holds from one o'clock to two. */
function car(): MadeHistory {
  const history = new MadeHistory();
  const unit = { unitId: '1', category: 'car', price: 100, priceBasis: 'hour' };
  history.log('show', 'SlotOpened', opened({ axis: { type: 'time', bufferMinutes: 30 }, units: [unit], startsAt: null, endsAt: null }));
  rent(history, 'show.a', 1, 2);
  return history;
}

/** Holds the seat from one stop to another, and asks for just this unless told otherwise. */
function ride(history: MadeHistory, bookingId: string, from: number, to: number, wish = stops(`S${from}`, `S${to}`)): void {
  hold(history, bookingId, claim('1', 1, { from, to, price: 100, amount: 100 * (to - from) }), wish);
}

/** Holds the car from one hour to another. */
function rent(history: MadeHistory, bookingId: string, from: number, to: number): void {
  const span = { from: T0 + from * HOUR, to: T0 + to * HOUR };
  hold(history, bookingId, claim('1', 1, { ...span, price: 100, amount: 100 * Math.ceil(to - from) }), hours(from, to));
}

function hold(history: MadeHistory, bookingId: string, taken: Json, wish: Json, asked = taken): void {
  history.log('show', 'BookingRequested', requested(bookingId, 'zoe', [asked]));
  history.log('show', 'SeatsHeld', held(bookingId, 'zoe', [taken], history.seconds));
  history.lose('zoe', bookingRequest(bookingId, 'zoe', { units: ['1'], ...wish }));
}

function refuse(history: MadeHistory, wish: Json, body: Json): string {
  history.ask('yan', bookingRequest('show.y', 'yan', wish), 409, body);
  return history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');
}

const hours = (from: number, to: number) => ({ span: { from: at(from * 3600), to: at(to * 3600) } });
const stops = (fromStop: string, toStop: string) => ({ span: { fromStop, toStop } });
const TAKEN = { code: 'seats-taken', unavailable: [{ unitId: '1', status: 'held' }] };

describe('a trip whose seat is held on a part of it', () => {
  it('may sell the rest of it, and no more', () => {
    const rest = trip();
    ride(rest, 'show.b', 1, 3);
    const more = trip();
    ride(more, 'show.b', 0, 2);

    expect(rest.check().faults).to.deep.equal([]);
    expect(more.check().faults[0]?.what).to.include('2 of 1 of unit 1');
  });

  it('may be held where it was asked for, and nowhere else', () => {
    const elsewhere = trip();
    ride(elsewhere, 'show.b', 1, 2, stops('S1', 'S3'));
    const shorter = trip();
    const asked = claim('1', 1, { from: 1, to: 3, price: 100, amount: 200 });
    hold(shorter, 'show.b', { ...asked, to: 2, amount: 100 }, stops('S1', 'S3'), asked);

    expect(elsewhere.check().faults[0]?.what).to.include('BookingRequested of show.b is not what anybody asked for');
    expect(shorter.check().faults[0]?.what).to.include('show.b holds another span than was asked for');
  });

  it('takes every seat over all of it, so that none of them is sold twice', () => {
    const change = (to: number) => {
      const history = trip({ unitId: '2', category: 'seat', price: 100 });
      ride(history, 'show.b', 1, 3);
      const added = [claim('2', 1, { from: 1, to, price: 100, amount: 100 })];
      const data = { bookingId: 'show.b', customerId: 'zoe', added, dropped: [], adjacent: false, expiresAt: T0 + 600_000 };
      history.log('show', 'BookingChanged', data);
      const span = { fromStop: 'S1', toStop: 'S3' };
      const told = [
        { unitId: '1', quantity: 1, price: 100, amount: 200, span },
        { unitId: '2', quantity: 1, price: 100, amount: 100, span },
      ];
      const body = booking('show.b', 'zoe', history.version('show'), told, 1, { adjacent: false });
      history.ask('zoe', post('/bookings/show.b/change', { add: ['2'] }), 200, body);
      return history.check().faults.map(({ what }) => what);
    };

    expect(change(3)).to.deep.equal([]);
    expect(change(2)[0]).to.include('BookingChanged of show.b is about another span than was booked');
    expect(change(2)[1]).to.include('/claims/1/span/toStop is "S3", not "S2"');
  });

  it('may be refused where it is held, and nowhere else', () => {
    expect(refuse(trip(), { units: ['1'], ...stops('S0', 'S3') }, TAKEN)).to.equal('');
    expect(refuse(trip(), { units: ['1'] }, TAKEN)).to.equal('');
    expect(refuse(trip(), { bestAvailable: { quantity: 1 }, ...stops('S0', 'S2') }, { code: 'sold-out' })).to.equal('');
    expect(refuse(trip(), { units: ['1'], ...stops('S1', 'S3') }, TAKEN)).to.include('1 was free');
    expect(refuse(trip(), { bestAvailable: { quantity: 1 }, ...stops('S1', 'S2') }, { code: 'sold-out' })).to.include(
      '1 and 0 accessible were free',
    );
  });

  it('has its span refused only when it does not fit', () => {
    expect(refuse(trip(), { units: ['1'], ...stops('S2', 'S1') }, { code: 'span-invalid' })).to.equal('');
    expect(refuse(trip(), { units: ['1'], ...stops('S1', 'Z') }, { code: 'span-invalid' })).to.equal('');
    expect(refuse(trip(), { units: ['1'], ...stops('S1', 'S2') }, { code: 'span-invalid' })).to.include('the span fits');
  });

  it('costs what its stops cost', () => {
    const price = (amount: number) => ({ code: 'price-changed', expectedTotal: 50, total: { amount, currency: 'GBP' } });
    const wish = { units: ['1'], ...stops('S1', 'S3'), expectedTotal: 50 };

    expect(refuse(trip(), wish, price(200))).to.equal('');
    expect(refuse(trip(), wish, price(100))).to.include('the total was 200, not 100');
  });

  it('is counted on its fullest segment, and read stop by stop', () => {
    const history = trip();
    const counts = { capacity: 1, free: 0, held: 1, sold: 0, blocked: 0 };
    const unit = (status: string, more: Json = {}) => ({
      slotId: 'show',
      version: 3,
      units: [{ unitId: '1', price: 100, status, ...more }],
    });
    const told = { ...opened(), units: [], slotId: 'show', startsAt: at(86_400), endsAt: at(90_000), version: 3, counts };
    history.ask('erin', get('/slots/show'), 200, told);
    history.ask('erin', get('/slots/show/seats?fromStop=S0&toStop=S2'), 200, unit('held', { heldUntil: at(600) }));
    history.ask('erin', get('/slots/show/seats?fromStop=S1&toStop=S3'), 200, unit('free'));
    expect(history.check().faults).to.deep.equal([]);

    history.ask('erin', get('/slots/show/seats?fromStop=S0&toStop=S1'), 200, unit('free'));
    expect(history.check().faults[0]?.what).to.include('1/status is "free", not "held"');
  });

  it('is over once it has left', () => {
    const late = trip();
    late.seconds = 25 * 3600;

    expect(refuse(late, { units: ['1'], ...stops('S0', 'S1') }, { code: 'in-the-past' })).to.equal('');
    expect(refuse(trip(), { units: ['1'], ...stops('S0', 'S1') }, { code: 'in-the-past' })).to.include('it was still to come');
  });

  it('has nothing free from a stop that it has left', () => {
    const read = (history: MadeHistory, status: string) => {
      const units = [{ unitId: '1', price: 100, status }];
      history.ask('erin', get('/slots/show/seats?fromStop=S2&toStop=S3'), 200, { slotId: 'show', version: 3, units });
      return history
        .check()
        .faults.map(({ what }) => what)
        .join('\n');
    };
    const late = () => Object.assign(trip(), { seconds: 27 * 3600 });

    expect(read(trip(), 'free')).to.equal('');
    expect(read(late(), 'blocked')).to.equal('');
    expect(read(trip(), 'blocked')).to.include('1/status is "blocked", not "free"');
    expect(read(late(), 'free')).to.include('1/status is "free", not "blocked"');
  });
});

describe('a car that is held for an hour, with a buffer behind it', () => {
  it('may be rented after the buffer, and not before it is over', () => {
    const after = car();
    rent(after, 'show.b', 2.5, 3);
    const before = car();
    rent(before, 'show.b', 2.25, 3);

    expect(after.check().faults).to.deep.equal([]);
    expect(before.check().faults[0]?.what).to.include('2 of 1 of unit 1');
  });

  it('may be refused in the buffer, and in that of the one who asks', () => {
    expect(refuse(car(), { units: ['1'], ...hours(2.25, 3) }, TAKEN)).to.equal('');
    expect(refuse(car(), { units: ['1'], ...hours(0.25, 0.75) }, TAKEN)).to.equal('');
    expect(refuse(car(), { units: ['1'], ...hours(2.5, 3) }, TAKEN)).to.include('1 was free');
    expect(refuse(car(), { units: ['1'] }, { code: 'span-required' })).to.equal('');
    expect(refuse(car(), { units: ['1'], ...hours(3, 2) }, { code: 'span-invalid' })).to.equal('');
  });

  it('may be withdrawn although it was rented in the past, but not while a rental is to come', () => {
    const withdraw = (history: MadeHistory) => {
      history.log('show', 'UnitsWithdrawn', { units: [{ unitId: '1', quantity: 1 }], reason: null });
      history.lose('operator', post('/slots/show/units/withdraw', { units: ['1'] }));
    };
    const late = car();
    late.seconds = 3 * 3600;
    withdraw(late);
    const early = car();
    withdraw(early);

    expect(late.check().faults).to.deep.equal([]);
    expect(early.check().faults[0]?.what).to.include('1 of 0 of unit 1');
  });

  it('may be kept from an operator only by what is to come', () => {
    const refuseOperator = (history: MadeHistory, deed: string, body: Json) => {
      history.ask('operator', post(`/slots/show/units/${deed}`, body), 409, TAKEN);
      return history
        .check()
        .faults.map(({ what }) => what)
        .join('\n');
    };
    const late = car();
    late.seconds = 3 * 3600;

    expect(refuseOperator(car(), 'block', { units: ['1'], ...hours(1.5, 3) })).to.equal('');
    expect(refuseOperator(car(), 'withdraw', { units: ['1'] })).to.equal('');
    expect(refuseOperator(car(), 'block', { units: ['1'], ...hours(4, 5) })).to.include('1 was free');
    expect(refuseOperator(late, 'withdraw', { units: ['1'] })).to.include('1 was free');
  });
});

describe('a row of seats', () => {
  const row = (units: readonly Json[], policy: Json = POLICY) => {
    const history = new MadeHistory();
    const all = units.map((unit) => ({ category: 'gold', price: 100, row: 'A', ...unit }));
    history.log('show', 'SlotOpened', opened({ units: all, policy }));
    return history;
  };
  const together = { bestAvailable: { quantity: 2, adjacent: true } };
  const NOT_ADJACENT = { code: 'not-adjacent' };

  it('is broken by an aisle, by a seat that is taken or withdrawn, and by a seat for those who need it', () => {
    const [one, two] = [{ unitId: '1' }, { unitId: '2' }];
    expect(refuse(row([one, two]), together, NOT_ADJACENT)).to.include('side by side');
    expect(refuse(row([{ ...one, gapAfter: true }, two]), together, NOT_ADJACENT)).to.equal('');
    expect(refuse(row([one, { ...two, row: 'B' }]), together, NOT_ADJACENT)).to.equal('');
    expect(refuse(row([one, { unitId: 'w', accessible: true }, two]), together, NOT_ADJACENT)).to.equal('');
    const gone = row([one, { unitId: 'x' }, two]);
    gone.log('show', 'UnitsWithdrawn', { units: [{ unitId: 'x', quantity: 1 }], reason: null });
    gone.lose('operator', post('/slots/show/units/withdraw', { units: ['x'] }));
    expect(refuse(gone, together, NOT_ADJACENT)).to.equal('');
  });

  it('is side by side in a yard that has room', () => {
    expect(refuse(row([{ unitId: 'yard', capacity: 2 }]), together, NOT_ADJACENT)).to.include('side by side');
    expect(refuse(row([{ unitId: 'yard', capacity: 1 }, { unitId: '1' }]), together, NOT_ADJACENT)).to.equal('');
  });

  it('may be refused for a seat that would be left alone, if the slot forbids that and it would', () => {
    const forbids = { ...POLICY, orphanSeats: 'forbid' };
    const three = [{ unitId: '1' }, { unitId: '2' }, { unitId: '3' }];
    const orphans = (...named: readonly string[]) => ({ code: 'would-leave-orphan', orphans: named });

    expect(refuse(row(three, forbids), { units: ['2'] }, orphans('1', '3'))).to.equal('');
    expect(refuse(row(three, forbids), { units: ['2'] }, orphans('1'))).to.include('it would have left 1, 3');
    expect(refuse(row(three, forbids), { units: ['1'] }, orphans('2'))).to.include('it would have left none');
  });

  it('may have its units in a layout', () => {
    const history = new MadeHistory();
    history.events.push({
      ...{
        position: 1,
        streamId: 'layout-hall',
        version: 1,
        eventId: 'layout',
        type: 'LayoutUnitsAdded',
        at: T0,
        recordedAt: T0,
        commandId: null,
      },
      data: { layoutId: 'hall', units: [{ unitId: 'A1', category: 'gold' }] },
    });
    history.log('show', 'SlotOpened', opened({ layoutId: 'hall', prices: { gold: 700 }, units: [] }));
    const price = { code: 'price-changed', expectedTotal: 1, total: { amount: 700, currency: 'GBP' } };

    expect(refuse(history, { units: ['A1'], expectedTotal: 1 }, price)).to.equal('');
  });
});
