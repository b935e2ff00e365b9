import { expect } from 'chai';
import type { OpeningHours, SpanRequest } from '../../../src/domain/axis.ts';
import type { OpenSlot } from '../../../src/domain/slot/commands.ts';
import { at, type Decided, given } from '../../support/slot.ts';
import {
  book,
  bookBest,
  change,
  claim,
  HOUR,
  held,
  MINUTE,
  NOW,
  opened,
  POLICY,
  requested,
  STARTS,
  seat,
  seatsHeld,
  stops,
  stopsAxis,
  yard,
} from '../../support/slot-builders.ts';

const DAILY: readonly OpeningHours[] = [{ days: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], from: '08:00', to: '20:00' }];
const time = (from: string, to: string): SpanRequest => ({ from: Date.parse(from), to: Date.parse(to) });

function fleet(more: Partial<OpenSlot> = {}, opening?: readonly OpeningHours[], bufferMinutes = 0) {
  const axis = { type: 'time', bufferMinutes, ...(opening === undefined ? {} : { opening }) } as const;
  return opened({ axis, units: [seat('A1')], ...more });
}

function amountOf(decided: Decided): number | undefined {
  return decided.events.find((event) => event.type === 'SeatsHeld')?.claims[0]?.amount;
}

describe('a trip', () => {
  const trip = opened({ axis: stopsAxis(4), units: [seat('A1', { priceBasis: 'stop', price: 200 }), yard(2)] });
  const first = [claim('A1', { from: 0, to: 2, price: 200, amount: 400 })];

  it('sells one seat again behind the stop where it gets free, and not before', () => {
    const rest = [claim('A1', { from: 2, to: 3, price: 200, amount: 200 })];
    const sold = given(trip, held('b1', first));
    sold.when(book('b2', ['A1'], { span: stops(2, 3) })).then(requested('b2', rest, { span: stops(2, 3) }), seatsHeld('b2', rest));
    for (const [from, to] of [
      [1, 2],
      [1, 3],
      [0, 1],
      [0, 3],
    ] as const) {
      sold
        .when(book('b2', ['A1'], { span: stops(from, to) }))
        .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'held' }] });
    }
  });

  it('counts places segment by segment', () => {
    const early = [claim('yard', { quantity: 2, from: 0, to: 1 })];
    const late = [claim('yard', { quantity: 2, from: 2, to: 3 })];
    const between = given(trip, held('b1', early), held('b2', late));
    const two = [claim('yard', { quantity: 2, from: 1, to: 2 })];
    between.when(book('b3', [['yard', 2]], { span: stops(1, 2) })).then(requested('b3', two, { span: stops(1, 2) }), seatsHeld('b3', two));
    between.when(book('b3', ['yard'], { span: stops(1, 3) })).thenRefused({ kind: 'seats-taken' });
  });

  it('means all of itself when no span is given, at the price of every stop', () => {
    expect(amountOf(given(trip).when(book('b1', ['A1'])))).to.equal(600);
  });

  it('has a booking that changes lie where it lay, with all that it has', () => {
    const three = opened({ axis: stopsAxis(4), units: [seat('A1'), seat('A2'), yard(3)] });
    const [mine, another] = [claim('A1', { from: 0, to: 2 }), claim('A2', { from: 0, to: 2 })];
    const { events } = given(three, held('b1', [mine])).when(change('b1', { add: ['A2', ['yard', 2]], drop: ['A1'] }));
    expect(events[0])
      .to.have.property('added')
      .deep.equal([another, claim('yard', { quantity: 2, from: 0, to: 2 })]);
    expect(events[0]).to.have.property('dropped').deep.equal([mine]);
  });

  it('chooses a seat that is free over the whole span', () => {
    const two = opened({ axis: stopsAxis(4), units: [seat('A1'), seat('A2')] });
    const chosen = [claim('A2', { from: 1, to: 3 })];
    const { events } = given(two, held('b1', [claim('A1', { from: 2, to: 3 })])).when(bookBest('b2', 1, {}, { span: stops(1, 3) }));
    expect(events[1]).to.have.property('claims').deep.equal(chosen);
  });

  it('refuses stops that it does not call at, in the wrong order, or instants', () => {
    const slot = given(trip);
    const pointerOf = (span: SpanRequest) => {
      const { outcome } = slot.when(book('b1', ['A1'], { span })).thenRefused({ kind: 'span-invalid' }).decision;
      return outcome.kind === 'refused' && outcome.refusal.kind === 'span-invalid' ? outcome.refusal.fault.pointer : null;
    };
    expect(pointerOf({ fromStop: 'nowhere', toStop: 'S1' })).to.equal('/span/fromStop');
    expect(pointerOf({ fromStop: 'S0', toStop: 'nowhere' })).to.equal('/span/toStop');
    expect(pointerOf(stops(2, 1))).to.equal('/span/toStop');
    expect(pointerOf(stops(1, 1))).to.equal('/span/toStop');
    expect(pointerOf({ from: NOW, to: STARTS })).to.equal('/span');
  });

  it("sells until it leaves the customer's stop", () => {
    const leaves = STARTS + HOUR;
    expect(given(trip).when(book('b1', ['A1'], { span: stops(1, 3) }), { now: leaves }).decision.outcome.kind).to.equal('accepted');
    given(trip)
      .when(book('b1', ['A1'], { span: stops(1, 3) }), { now: leaves + 1 })
      .thenRefused({ kind: 'in-the-past' });
  });
});

describe('a fleet', () => {
  it('needs a span', () => {
    given(fleet())
      .when(book('b1', ['A1']))
      .thenRefused({ kind: 'span-required' });
    given(fleet())
      .when(book('b1', ['A1'], { span: stops(0, 1) }))
      .thenRefused({ kind: 'span-invalid' });
    given(fleet())
      .when(book('b1', ['A1'], { span: { from: NOW + HOUR, to: NOW + HOUR } }))
      .thenRefused({ kind: 'span-invalid' });
  });

  it('lets rentals follow each other at the instant', () => {
    const rented = given(fleet(), held('b1', [claim('A1', { from: NOW + 2 * HOUR, to: NOW + 4 * HOUR })]));
    const tries = (from: number, to: number) => rented.when(book('b2', ['A1'], { span: { from, to } })).decision.outcome.kind;
    expect(tries(NOW + 4 * HOUR, NOW + 5 * HOUR)).to.equal('accepted');
    expect(tries(NOW + 4 * HOUR - 1, NOW + 5 * HOUR)).to.equal('refused');
    expect(tries(NOW, NOW + 2 * HOUR)).to.equal('accepted');
    expect(tries(NOW, NOW + 2 * HOUR + 1)).to.equal('refused');
    expect(tries(NOW, NOW + 9 * HOUR)).to.equal('refused');
  });

  it('keeps its buffer between two rentals, on either side', () => {
    const rented = given(fleet({}, undefined, 30), held('b1', [claim('A1', { from: NOW + 2 * HOUR, to: NOW + 4 * HOUR })]));
    const tries = (from: number, to: number) => rented.when(book('b2', ['A1'], { span: { from, to } })).decision.outcome.kind;
    expect(tries(NOW + 4.5 * HOUR, NOW + 5 * HOUR)).to.equal('accepted');
    expect(tries(NOW + 4.5 * HOUR - 1, NOW + 5 * HOUR)).to.equal('refused');
    expect(tries(NOW, NOW + 1.5 * HOUR)).to.equal('accepted');
    expect(tries(NOW, NOW + 1.5 * HOUR + 1)).to.equal('refused');
  });

  it('takes a rental that began a moment ago, and none from long before', () => {
    const span = (from: number) => book('b1', ['A1'], { span: { from, to: NOW + HOUR } });
    expect(given(fleet()).when(span(NOW - 5 * MINUTE)).decision.outcome.kind).to.equal('accepted');
    given(fleet())
      .when(span(NOW - 5 * MINUTE - 1))
      .thenRefused({ kind: 'in-the-past' });
    const old = given(fleet({ policy: { ...POLICY, acceptPast: true } }));
    expect(old.when(span(NOW - 90 * HOUR)).decision.outcome.kind).to.equal('accepted');
  });

  it('offers a vehicle only while it is there', () => {
    const units = [seat('A1', { availableFrom: NOW + HOUR, availableUntil: NOW + 3 * HOUR })];
    const tries = (from: number, to: number) =>
      given(fleet({ units })).when(book('b1', ['A1'], { span: { from, to } })).decision.outcome.kind;
    expect(tries(NOW + HOUR, NOW + 3 * HOUR)).to.equal('accepted');
    expect(tries(NOW + HOUR - 1, NOW + 3 * HOUR)).to.equal('refused');
    expect(tries(NOW + HOUR, NOW + 3 * HOUR + 1)).to.equal('refused');
  });

  it('charges every hour or day that is begun', () => {
    const price = (priceBasis: 'claim' | 'hour' | 'day', length: number) =>
      amountOf(
        given(fleet({ units: [seat('A1', { priceBasis, price: 100 })] })).when(
          book('b1', ['A1'], { span: { from: NOW + HOUR, to: NOW + HOUR + length } }),
        ),
      );
    expect([price('claim', 5 * HOUR), price('hour', 2 * HOUR), price('hour', 2 * HOUR + 1)]).to.deep.equal([100, 200, 300]);
    expect([price('day', 1), price('day', 24 * HOUR), price('day', 24 * HOUR + 1)]).to.deep.equal([100, 100, 200]);
  });

  it('frees a lapsed rental for another of just that time', () => {
    const asked = { from: NOW + HOUR, to: NOW + 2 * HOUR };
    const rental = [claim('A1', asked)];
    const decided = given(fleet(), held('b1', rental)).when(book('b2', ['A1'], { span: asked }), { now: NOW + 10 * MINUTE });
    expect(decided.events.map((event) => event.type)).to.deep.equal(['BookingExpired', 'BookingRequested', 'SeatsHeld']);
  });
});

describe('a fleet with opening hours', () => {
  const tries = (timeZone: string, from: string, to: string): string => {
    const { outcome } = given(at(NOW, fleet({ timeZone }, DAILY))).when(book('b1', ['A1'], { span: time(from, to) })).decision;
    return outcome.kind === 'refused' && outcome.refusal.kind === 'span-invalid' ? outcome.refusal.fault.pointer : outcome.kind;
  };

  for (const [day, timeZone, opensAt, closesAt] of [
    ['in winter', 'Europe/London', '2027-02-01T08:00:00Z', '2027-02-01T20:00:00Z'],
    ['in summer', 'Europe/London', '2027-07-01T07:00:00Z', '2027-07-01T19:00:00Z'],
    ['over the night when the clocks go forward', 'Europe/London', '2027-03-27T08:00:00Z', '2027-03-28T19:00:00Z'],
    ['over the night when the clocks go back', 'Europe/London', '2027-10-30T07:00:00Z', '2027-10-31T20:00:00Z'],
    ['over the night when the clocks go forward', 'America/New_York', '2027-03-13T13:00:00Z', '2027-03-15T00:00:00Z'],
    ['over the night when the clocks go back', 'America/New_York', '2027-11-06T12:00:00Z', '2027-11-08T01:00:00Z'],
    ['over both nights', 'Europe/London', '2027-03-27T08:00:00Z', '2027-10-31T20:00:00Z'],
    ['over both nights', 'America/New_York', '2027-03-13T13:00:00Z', '2027-11-08T01:00:00Z'],
    ['with half hours', 'Asia/Kolkata', '2027-02-01T02:30:00Z', '2027-02-01T14:30:00Z'],
  ] as const) {
    it(`rents from opening to closing by the clocks of ${timeZone} ${day}`, () => {
      const earlier = new Date(Date.parse(opensAt) - 1).toISOString();
      const later = new Date(Date.parse(closesAt) + 1).toISOString();
      expect(tries(timeZone, opensAt, closesAt)).to.equal('accepted');
      expect(tries(timeZone, earlier, closesAt)).to.equal('/span/from');
      expect(tries(timeZone, opensAt, later)).to.equal('/span/to');
    });
  }

  it('takes back at the minute of opening what was kept over night, and not before', () => {
    const kept = (to: string) => tries('UTC', '2027-02-01T08:00:00Z', to);
    expect(kept('2027-02-02T08:00:00Z')).to.equal('accepted');
    expect(kept('2027-02-02T08:01:00Z')).to.equal('accepted');
    expect(kept('2027-02-02T07:59:59.999Z')).to.equal('/span/to');
    expect(kept('2027-02-02T20:00:00.001Z')).to.equal('/span/to');
  });

  it('takes nothing back at an hour of opening on a day on which it stays closed', () => {
    const workdays: readonly OpeningHours[] = [{ days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '08:00', to: '20:00' }];
    const slot = given(fleet({ timeZone: 'UTC' }, workdays));
    const fromFriday = (to: string) => slot.when(book('b1', ['A1'], { span: time('2027-02-05T08:00:00Z', to) })).decision.outcome.kind;
    expect(fromFriday('2027-02-06T08:00:00Z')).to.equal('refused');
    expect(fromFriday('2027-02-08T08:00:00Z')).to.equal('accepted');
  });

  it('charges the hours that pass, not those that the clocks show', () => {
    const night = (from: string, to: string) => {
      const slot = given(fleet({ units: [seat('A1', { priceBasis: 'hour', price: 1 })] }));
      return amountOf(slot.when(book('b1', ['A1'], { span: time(from, to) })));
    };
    expect(night('2027-03-27T23:00:00+00:00', '2027-03-28T03:00:00+01:00'), 'one hour is skipped').to.equal(3);
    expect(night('2027-10-30T23:00:00+01:00', '2027-10-31T03:00:00+00:00'), 'one hour comes twice').to.equal(5);
  });

  it('is closed on other days, and may be open until midnight', () => {
    const weekend: readonly OpeningHours[] = [
      { days: ['SA'], from: '22:00', to: '24:00' },
      { days: ['SU'], from: '00:00', to: '02:00' },
    ];
    const slot = given(fleet({ timeZone: 'UTC' }, weekend));
    const night = (from: string, to: string) => slot.when(book('b1', ['A1'], { span: time(from, to) })).decision.outcome.kind;
    expect(night('2027-02-06T22:00:00Z', '2027-02-07T00:00:00Z')).to.equal('accepted');
    expect(night('2027-02-06T22:00:00Z', '2027-02-07T02:00:00Z')).to.equal('accepted');
    expect(night('2027-02-05T22:00:00Z', '2027-02-06T23:00:00Z')).to.equal('refused');
    expect(night('2027-02-06T22:00:00Z', '2027-02-07T02:00:00.001Z')).to.equal('refused');
  });
});
