import { expect } from 'chai';
import type { Layout } from '../../../src/domain/layout.ts';
import type { SlotCommand } from '../../../src/domain/slot/commands.ts';
import { type Decision, decide, mayLapse } from '../../../src/domain/slot/decide.ts';
import { snapshotPieces } from '../../../src/domain/slot/snapshot.ts';
import type { SlotState } from '../../../src/domain/slot/state.ts';
import { summaryOf } from '../../../src/domain/slot/summary.ts';
import { at, contentsOf, emptyState, given, givenOn, throughSnapshot } from '../../support/slot.ts';
import {
  book,
  bookBest,
  cancel,
  change,
  claim,
  confirm,
  DAY,
  ENDS,
  HOUR,
  held,
  MINUTE,
  NOW,
  opened,
  STARTS,
  seat,
  seats,
  yard,
} from '../../support/slot-builders.ts';

const ask = (state: SlotState, command: SlotCommand, now = NOW, commandId: string | null = null): Decision =>
  decide(state, { command, now, commandId, commandHash: null, ifMatch: null });

/** Commands that touch everything a state remembers; the rest of a sale must not tell whether they came before and were taken back. */
const BATCH: readonly (readonly [SlotCommand, number])[] = [
  [book('b9', ['A3']), NOW],
  [bookBest('b8', 2), NOW],
  [{ type: 'ExtendHold', bookingId: 'b1', seconds: 1200 }, NOW],
  [change('b2', { add: ['A6'], drop: ['A2'] }), NOW],
  [confirm('b2'), NOW],
  [{ type: 'WithdrawUnits', units: [{ unitId: 'A8' }], reason: null }, NOW],
  [{ type: 'AddUnits', units: [seat('A9')] }, NOW],
  [{ type: 'ChangeUnits', changes: [{ unitId: 'yard', capacity: 20 }] }, NOW],
  [{ type: 'BlockUnits', units: [{ unitId: 'yard', quantity: 3 }], span: null, reason: null }, NOW],
  [{ type: 'ChangeSlot', changes: { endsAt: ENDS + HOUR } }, NOW],
  [{ type: 'ReleaseExpired', limit: 10 }, NOW + 25 * MINUTE],
  [{ type: 'CloseSlot', reason: null }, NOW + 2 * DAY],
  [{ type: 'CancelSlot', reason: null }, NOW + 2 * DAY],
  [{ type: 'ReleaseCancelled', limit: 10 }, NOW + 2 * DAY],
];

const LATER: readonly (readonly [SlotCommand, number])[] = [
  [bookBest('c1', 2), NOW],
  [bookBest('c2', 1), NOW + 9 * MINUTE],
  [{ type: 'ReleaseExpired', limit: 1 }, NOW + 10 * MINUTE],
  [confirm('b2'), NOW + 10 * MINUTE],
  [book('c3', ['A1', 'A8', ['yard', 9]]), NOW + 10 * MINUTE],
  [bookBest('c4', 3), NOW + 21 * MINUTE],
];

const begun = () =>
  given(opened({ units: [...seats(8), yard(10)] }), held('b1', [claim('A1')]), held('b2', [claim('A2'), claim('yard')])).state;
const decideAll = (state: SlotState) => LATER.map(([command, now]) => ask(state, command, now));

describe('a batch of decisions that is taken back', () => {
  it('leaves the state as it was', () => {
    const state = begun();
    const before = contentsOf(state);
    state.begin();
    const kinds = BATCH.map(([command, now], index) => ask(state, command, now, `key-${index}`).outcome.kind);
    expect(kinds, 'all of it did happen').to.deep.equal(BATCH.map(() => 'accepted'));
    expect(contentsOf(state)).to.not.deep.equal(before);
    state.rollback();
    expect(contentsOf(state)).to.deep.equal(before);
  });

  for (const length of [1, 2, 3, 5, 11, 12, BATCH.length]) {
    it(`changes nothing that is decided later, after ${length}`, () => {
      const state = begun();
      ask(state, bookBest('b3', 1));
      const expected = begun();
      ask(expected, bookBest('b3', 1));
      state.begin();
      for (const [command, now] of BATCH.slice(0, length)) ask(state, command, now);
      state.rollback();
      expect(decideAll(state)).to.deep.equal(decideAll(expected));
    });
  }

  it('does not take back what was settled before', () => {
    const state = begun();
    state.begin();
    ask(state, book('b9', ['A3']));
    state.commit();
    state.begin();
    ask(state, cancel('b9'));
    state.rollback();
    expect(state.bookings.get('b9')).to.have.property('status', 'HELD');
  });

  it('forgets seats that were added and chosen', () => {
    const { state } = given(opened({ units: seats(1) }));
    state.begin();
    ask(state, { type: 'AddUnits', units: [seat('A2')] });
    expect(ask(state, bookBest('b1', 2)).outcome.kind).to.equal('accepted');
    state.rollback();
    expect(ask(state, bookBest('b1', 2)).outcome.kind).to.equal('refused');
    expect(ask(state, bookBest('b1', 1)).outcome.kind).to.equal('accepted');
  });

  it('moves the show back to its time, with the seats that are offered then', () => {
    const early = seat('A1', { availableUntil: ENDS });
    const { state } = given(opened({ units: [early, seat('A2')] }));
    const choice = () => ask(state, bookBest(`b${state.version}`, 2)).outcome.kind;
    state.begin();
    ask(state, { type: 'ChangeSlot', changes: { endsAt: ENDS + 1 } });
    expect(choice()).to.equal('refused');
    state.rollback();
    expect(choice()).to.equal('accepted');
  });

  it('lets a hold lapse that seemed confirmed', () => {
    const state = begun();
    state.begin();
    ask(state, confirm('b1'));
    ask(state, { type: 'ReleaseExpired', limit: 9 }, NOW + 10 * MINUTE);
    state.rollback();
    expect(mayLapse(state, NOW + 10 * MINUTE - 1)).to.equal(false);
    expect(mayLapse(state, NOW + 10 * MINUTE)).to.equal(true);
    const { facts } = ask(state, { type: 'ReleaseExpired', limit: 9 }, NOW + 10 * MINUTE);
    expect(facts.map(({ event }) => 'bookingId' in event && event.bookingId)).to.deep.equal(['b1', 'b2']);
  });

  it('cannot be begun within another', () => {
    const state = begun();
    state.begin();
    expect(() => state.begin()).to.throw('journal');
  });
});

describe('a snapshot', () => {
  it('gives the state again, and the same decisions', () => {
    const state = begun();
    for (const [command, now] of BATCH.slice(0, 11)) ask(state, command, now, `${command.type}-key`);
    const again = throughSnapshot(state);
    expect(contentsOf(again)).to.deep.equal(contentsOf(state));
    expect(decideAll(again)).to.deep.equal(decideAll(state));
  });

  it('keeps to the layout, with what was changed, withdrawn and brought back', () => {
    const hall: Layout = { layoutId: 'hall', name: 'Hall', focus: { x: 0, y: 0 }, units: seats(4, { category: 'silver' }) };
    const { state } = givenOn(
      [hall],
      opened({ layoutId: 'hall', prices: { silver: 2000 }, units: [] }),
      { type: 'UnitsWithdrawn', units: [{ unitId: 'A1', quantity: 1 }], reason: null },
      { type: 'UnitsChanged', changes: [{ unitId: 'A2', category: 'silver', price: 900 }] },
      { type: 'UnitsAdded', units: [seat('A9'), seat('A8')] },
      { type: 'UnitsWithdrawn', units: [{ unitId: 'A9', quantity: 1 }], reason: null },
    );
    const again = throughSnapshot(state);
    expect(contentsOf(again)).to.deep.equal(contentsOf(state));
    expect(again.units.at(2), 'one unit for every slot on the layout').to.equal(hall.units[2]);
    for (const one of [state, again]) {
      expect(ask(one, { type: 'AddUnits', units: [seat('A1'), seat('A9')] }).outcome.kind).to.equal('accepted');
      expect(one.units.indexOf('A1')).to.equal(0);
      expect(one.units.indexOf('A9')).to.equal(4);
      expect([one.units.priceAt(0), one.units.priceAt(1), one.units.priceAt(2)]).to.deep.equal([4500, 900, 2000]);
    }
    expect(contentsOf(again)).to.deep.equal(contentsOf(state));
  });

  it('is not taken of a slot that is not open, or undecided', () => {
    expect(() => snapshotPieces(emptyState())).to.throw('settled');
    const state = begun();
    state.begin();
    expect(() => snapshotPieces(state)).to.throw('settled');
  });
});

describe('the summary of a slot', () => {
  it('counts a trip at its tightest segment', () => {
    const axis = { type: 'stops', stops: [{ stopId: 'a' }, { stopId: 'b' }, { stopId: 'c' }] } as const;
    const { state } = given(
      opened({ axis, units: seats(3) }),
      held('b1', [claim('A1', { from: 0, to: 1 })]),
      held('b2', [claim('A2', { from: 1, to: 2 }), claim('A3', { from: 1, to: 2 })]),
    );
    expect(summaryOf(state, NOW).counts).to.deep.equal({ capacity: 3, free: 1, held: 2, sold: 0, blocked: 0 });
  });

  it('counts a fleet as of now, without what was withdrawn', () => {
    const rental = { from: NOW, to: NOW + HOUR };
    const { state } = given(
      opened({ axis: { type: 'time', bufferMinutes: 30 }, units: seats(3) }),
      held('b1', [claim('A1', rental)]),
      held('b2', [claim('A2', { from: NOW - HOUR, to: NOW - 30 * MINUTE })]),
      at(NOW, { type: 'UnitsWithdrawn', units: [{ unitId: 'A2', quantity: 1 }], reason: null }),
    );
    expect(summaryOf(state, NOW).counts).to.deep.equal({ capacity: 2, free: 1, held: 1, sold: 0, blocked: 0 });
    expect(summaryOf(state, NOW + 1.5 * HOUR).counts).to.deep.equal({ capacity: 2, free: 2, held: 0, sold: 0, blocked: 0 });
  });

  it('describes the slot without its units', () => {
    const summary = summaryOf(given(opened()).state, NOW);
    expect(summary).to.deep.include({ slotId: 'hamlet', status: 'OPEN', version: 1, startsAt: STARTS, title: 'Hamlet', currency: 'GBP' });
    expect(summary).to.not.have.any.keys('units', 'prices', 'type');
  });
});
