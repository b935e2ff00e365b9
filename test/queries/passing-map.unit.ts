import { expect } from 'chai';
import * as fc from 'fast-check';
import { PassingMap } from '../../src/queries/memory/passing-map.ts';

const change = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.nat(30) }) },
);

describe('a map whose entries come and go', () => {
  it('is what a Map would be, in the same order', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 300, maxLength: 2_000 }), (changes) => {
        const passing = new PassingMap<number, number>();
        const map = new Map<number, number>();
        changes.forEach(({ kind, key }, index) => {
          for (const one of [passing, map]) {
            if (kind === 'set') one.set(key, index);
            else one.delete(key);
          }
          expect(passing.get(key)).to.equal(map.get(key));
          expect(passing.size).to.equal(map.size);
        });
        expect([...passing]).to.deep.equal([...map]);
      }),
      { numRuns: 50 },
    );
  });

  it('comes to every entry that is there, also to those that are put behind while it goes through', () => {
    const passing = new PassingMap<number, { seen: number }>();
    for (let key = 0; key < 1_000; key += 1) passing.set(key, { seen: 0 });
    const gone: number[] = [];
    for (const [key, value] of passing) {
      value.seen += 1;
      passing.delete(key);
      passing.delete(key + 500);
      // As those are given another chance that were asked for since the last time.
      if (value.seen === 1 && key % 3 === 0) passing.set(key, value);
      else gone.push(key);
    }
    expect(passing.size).to.equal(0);
    const once = Array.from({ length: 500 }, (_, key) => key);
    expect(gone).to.deep.equal([...once.filter((key) => key % 3 !== 0), ...once.filter((key) => key % 3 === 0)]);
  });
});
