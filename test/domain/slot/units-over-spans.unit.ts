import { TIME_AXIS } from '../../../src/domain/resolve-span.ts';
import type { Block } from '../../../src/domain/slot/events.ts';
import { at, given } from '../../support/slot.ts';
import {
  book,
  cancel,
  claim,
  confirmed,
  DAY,
  HOUR,
  held,
  NOW,
  opened,
  requested,
  seat,
  seatsHeld,
  stops,
  stopsAxis,
  yard,
} from '../../support/slot-builders.ts';
import { block, blocked, unblock, unblocked, withdraw, withdrawn } from '../../support/unit-builders.ts';

describe('blocks on a trip', () => {
  const trip = { axis: stopsAxis(4), units: [seat('A1'), yard(10)] };

  it('take a seat off sale on their segments alone', () => {
    const middle: Block = { unitId: 'A1', quantity: 1, from: 1, to: 2 };
    const ends = [claim('A1', { from: 2, to: 3 })];
    given(opened(trip))
      .when({ ...block({ unitId: 'A1' }), span: stops(1, 2) })
      .then(blocked(middle))
      .when(book('b1', ['A1'], { span: stops(0, 2) }))
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'blocked' }] })
      .when(book('b1', ['A1'], { span: stops(2, 3) }))
      .then(requested('b1', ends, { span: stops(2, 3) }), seatsHeld('b1', ends));
  });

  it('fill up what is not yet blocked, segment by segment', () => {
    given(opened(trip), blocked({ unitId: 'yard', quantity: 4, from: 1, to: 2 }))
      .when(block({ unitId: 'yard' }))
      .then(
        blocked(
          { unitId: 'yard', quantity: 10, from: 0, to: 1 },
          { unitId: 'yard', quantity: 6, from: 1, to: 2 },
          { unitId: 'yard', quantity: 10, from: 2, to: 3 },
        ),
      );
  });

  it('go only from the segments that are unblocked', () => {
    given(opened(trip), blocked({ unitId: 'yard', quantity: 4, from: 0, to: 3 }))
      .when({ ...unblock({ unitId: 'yard', quantity: 4 }), span: stops(1, 2) })
      .then(unblocked({ unitId: 'yard', quantity: 4, from: 1, to: 2 }))
      .when({ ...unblock({ unitId: 'yard', quantity: 1 }), span: stops(0, 3) })
      .thenRefused({ kind: 'invalid-input' })
      .when(unblock({ unitId: 'yard' }))
      .then(unblocked({ unitId: 'yard', quantity: 4, from: 0, to: 1 }, { unitId: 'yard', quantity: 4, from: 2, to: 3 }));
  });
});

describe('a fleet over time', () => {
  const fleet = opened({ axis: { type: 'time', bufferMinutes: 30 }, units: [seat('A1'), yard(3)] });
  const rental = [claim('A1', { from: NOW, to: NOW + 2 * HOUR })];
  const pool = [claim('yard', { quantity: 3, from: NOW, to: NOW + 2 * HOUR })];
  const later = NOW + DAY;

  it('is blocked at night too, and from now on when no span is given', () => {
    given(fleet)
      .when(block({ unitId: 'A1' }))
      .then(blocked({ unitId: 'A1', quantity: 1, from: NOW, to: TIME_AXIS.to }));
  });

  it('lets a vehicle go whose rentals are over, and take its history along', () => {
    given(fleet, held('b1', rental), confirmed('b1', rental))
      .when(withdraw({ unitId: 'A1' }), { now: NOW + 2.5 * HOUR - 1 })
      .thenRefused({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'sold' }] });
    given(fleet, held('b1', rental), confirmed('b1', rental))
      .when(withdraw({ unitId: 'A1' }), { now: NOW + 2.5 * HOUR })
      .then(withdrawn({ unitId: 'A1', quantity: 1 }))
      .when(cancel('b1'), { now: later })
      .then({ type: 'BookingCancelled', bookingId: 'b1', customerId: 'c-17', claims: rental, previousStatus: 'CONFIRMED', reason: null });
  });

  it('lets a part of a pool go whose rentals are over', () => {
    given(fleet, held('b1', pool), confirmed('b1', pool))
      .when(withdraw({ unitId: 'yard', quantity: 1 }), { now: later })
      .then(withdrawn({ unitId: 'yard', quantity: 1 }));
  });

  it('takes a vehicle back that was withdrawn, whatever becomes of its old rentals', () => {
    given(fleet, held('b1', rental), confirmed('b1', rental), at(later, withdrawn({ unitId: 'A1', quantity: 1 })))
      .when({ type: 'AddUnits', units: [seat('A1')] }, { now: later })
      .then({ type: 'UnitsAdded', units: [seat('A1')] })
      .when(cancel('b1'), { now: later })
      .then({ type: 'BookingCancelled', bookingId: 'b1', customerId: 'c-17', claims: rental, previousStatus: 'CONFIRMED', reason: null });
  });
});
