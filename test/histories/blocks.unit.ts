import { expect } from 'chai';
import type { Json } from './history.ts';
import { MadeHistory, opened, post, T0 } from './made-history.ts';

const HOUR = 3_600_000;
const STOPS = ['S0', 'S1', 'S2', 'S3'].map((stopId, index) => ({ stopId, departsAt: T0 + (24 + index) * HOUR }));
const UNITS = [
  { unitId: '1', category: 'seat', price: 100 },
  { unitId: '2', category: 'seat', price: 100 },
  { unitId: 'rack', category: 'bike', price: 50, capacity: 4 },
];

/** A trip of four stops with two seats and room for four bicycles. */
function trip(): MadeHistory {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened({ axis: { type: 'stops', stops: STOPS }, units: UNITS }));
  return history;
}

/** Work of an operator, and what the log has of it. */
function work(history: MadeHistory, deed: 'block' | 'unblock', body: Json, blocks: readonly Json[]): MadeHistory {
  history.log('show', deed === 'block' ? 'UnitsBlocked' : 'UnitsUnblocked', { blocks, reason: null });
  history.lose('operator', post(`/slots/show/units/${deed}`, body));
  return history;
}

const piece = (unitId: string, from: number, to: number, quantity = 1) => ({ unitId, quantity, from, to });
const span = (from: number, to: number) => ({ span: { fromStop: `S${from}`, toStop: `S${to}` } });
const faultsOf = (history: MadeHistory) =>
  history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');

describe('an operator who blocks a part of a trip', () => {
  it('has just this part blocked, and what of it was not yet', () => {
    const history = trip();
    work(history, 'block', { units: ['1'], ...span(1, 2) }, [piece('1', 1, 2)]);
    work(history, 'block', { units: ['1', { unitId: 'rack', quantity: 3 }] }, [piece('1', 0, 1), piece('1', 2, 3), piece('rack', 0, 3, 3)]);
    work(history, 'block', { units: ['rack'], ...span(0, 2) }, [piece('rack', 0, 2)]);

    expect(faultsOf(history)).to.equal('');
  });

  it('has nothing more blocked, nothing less, and nothing else', () => {
    const asked = { units: ['1'], ...span(0, 2) };
    for (const blocks of [
      [piece('1', 0, 3)],
      [piece('1', 0, 1)],
      [piece('1', 1, 2)],
      [piece('1', 0, 2), piece('1', 0, 2)],
      [piece('1', 0, 2), piece('2', 0, 2)],
    ])
      expect(faultsOf(work(trip(), 'block', asked, blocks))).to.include('UnitsBlocked is not what anybody asked for');
    const both = { units: ['1', '2'], ...span(0, 2) };
    expect(faultsOf(work(trip(), 'block', both, [piece('1', 0, 2)]))).to.include('UnitsBlocked is not what anybody asked for');
  });
});

describe('an operator who puts a part of a trip on sale again', () => {
  const blocked = () => work(trip(), 'block', { units: ['1', 'rack'] }, [piece('1', 0, 3), piece('rack', 0, 3, 4)]);

  it('has just this part on sale', () => {
    const history = blocked();
    work(history, 'unblock', { units: ['1', { unitId: 'rack', quantity: 2 }], ...span(1, 2) }, [piece('1', 1, 2), piece('rack', 1, 2, 2)]);
    work(history, 'unblock', { units: ['1'] }, [piece('1', 0, 1), piece('1', 2, 3)]);
    const [left, middle, right] = [piece('rack', 0, 1, 1), piece('rack', 1, 2, 1), piece('rack', 2, 3, 1)];
    work(history, 'unblock', { units: [{ unitId: 'rack', quantity: 1 }] }, [left, middle, right]);

    expect(faultsOf(history)).to.equal('');
  });

  it('has nothing more on sale, and nothing less', () => {
    const told = 'UnitsUnblocked is not what anybody asked for';
    expect(faultsOf(work(blocked(), 'unblock', { units: ['1'], ...span(0, 1) }, [piece('1', 0, 3)]))).to.include(told);
    expect(faultsOf(work(blocked(), 'unblock', { units: ['1'] }, [piece('1', 0, 1)]))).to.include(told);
    expect(faultsOf(work(blocked(), 'unblock', { units: ['rack'] }, [piece('rack', 0, 3, 3)]))).to.include(told);
    const two = { units: [{ unitId: 'rack', quantity: 2 }], ...span(0, 2) };
    expect(faultsOf(work(blocked(), 'unblock', two, [piece('rack', 0, 1, 2)]))).to.include(told);
  });
});

describe('an operator of a car who names no span', () => {
  it('blocks from the decision on, and for ever', () => {
    const car = () => {
      const history = new MadeHistory();
      const axis = { type: 'time', bufferMinutes: 30 };
      history.log('show', 'SlotOpened', opened({ axis, units: UNITS, startsAt: null, endsAt: null }));
      history.seconds = 60;
      return history;
    };
    const ever = 8.64e15;

    expect(faultsOf(work(car(), 'block', { units: ['1'] }, [piece('1', T0 + 60_000, ever)]))).to.equal('');
    expect(faultsOf(work(car(), 'block', { units: ['1'] }, [piece('1', T0, ever)]))).to.include('is not what anybody asked for');
    expect(faultsOf(work(car(), 'block', { units: ['1'] }, [piece('1', T0 + 60_000, T0 + HOUR)]))).to.include('is not what anybody');
  });
});
