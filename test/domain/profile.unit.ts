import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Change,
  hasUsage,
  NOTHING_TAKEN,
  type Profile,
  pieces,
  type Step,
  takenAt,
  tightest,
  withoutUsage,
  withUsage,
  withUsages,
} from '../../src/domain/profile.ts';
import { overlaps } from '../../src/domain/span.ts';

const span = (from: number, to: number) => ({ from, to });
const step = (at: number, held = 0, sold = 0, blocked = 0) => ({ at, held, sold, blocked });

describe('two spans', () => {
  it('overlap when they share a point; touching ends share none', () => {
    expect([overlaps(span(0, 2), span(1, 3)), overlaps(span(0, 2), span(2, 3)), overlaps(span(2, 3), span(0, 2))]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(overlaps(span(0, 9), span(4, 5))).to.equal(true);
  });
});

describe('a profile of which nothing is taken', () => {
  it('is nothing everywhere', () => {
    expect(takenAt(tightest(NOTHING_TAKEN, span(0, 9)))).to.equal(0);
    expect(pieces(NOTHING_TAKEN, span(0, 9))).to.deep.equal([{ from: 0, to: 9, step: step(0) }]);
    expect(hasUsage(NOTHING_TAKEN, span(0, 9), 'sold')).to.equal(false);
  });

  it('takes a usage over a span and no further', () => {
    expect(withUsage(NOTHING_TAKEN, span(2, 5), 'held', 3)).to.deep.equal([step(2, 3), step(5)]);
  });
});

describe('profiles that begin with the same usage', () => {
  it('go on each by itself', () => {
    const [one, other] = [NOTHING_TAKEN, NOTHING_TAKEN].map((profile) => withUsage(profile, span(0, 4), 'held', 1)) as [Profile, Profile];
    expect(withUsage(one, span(1, 2), 'held', 1)).to.deep.equal([step(0, 1), step(1, 2), step(2, 1), step(4)]);
    expect(withUsage(one, span(0, 4), 'held', -1)).to.deep.equal(NOTHING_TAKEN);
    expect(other).to.deep.equal([step(0, 1), step(4)]);
  });

  it('are one and the same, since there are hundreds of thousands of them', () => {
    const [one, other] = ['held', 'held'].map((usage) => withUsage(NOTHING_TAKEN, span(0, 4), usage as 'held', 1));
    expect(one).to.equal(other);
  });

  it('begin anew where anything of it is different', () => {
    withUsage(NOTHING_TAKEN, span(0, 4), 'held', 1);
    expect(withUsage(NOTHING_TAKEN, span(0, 4), 'held', 2)).to.deep.equal([step(0, 2), step(4)]);
    expect(withUsage(NOTHING_TAKEN, span(0, 4), 'sold', 2)).to.deep.equal([step(0, 0, 2), step(4)]);
    expect(withUsage(NOTHING_TAKEN, span(1, 4), 'held', 2)).to.deep.equal([step(1, 2), step(4)]);
    expect(withUsage(NOTHING_TAKEN, span(1, 5), 'held', 2)).to.deep.equal([step(1, 2), step(5)]);
  });
});

describe('a profile with usages', () => {
  let profile: Profile = withUsage(NOTHING_TAKEN, span(2, 6), 'held', 1);
  profile = withUsage(profile, span(4, 8), 'sold', 2);
  profile = withUsage(profile, span(4, 5), 'blocked', 4);

  it('has a step wherever something changes', () => {
    expect(profile).to.deep.equal([step(2, 1), step(4, 1, 2, 4), step(5, 1, 2), step(6, 0, 2), step(8)]);
  });

  it('is tightest where most is taken within the span', () => {
    const most = (from: number, to: number) => takenAt(tightest(profile, span(from, to)));
    expect([most(0, 2), most(0, 3), most(3, 4), most(3, 5), most(5, 9), most(6, 7), most(8, 9), most(0, 9)]).to.deep.equal([
      0, 1, 1, 7, 3, 2, 0, 7,
    ]);
  });

  it('falls into pieces without gaps', () => {
    expect(pieces(profile, span(3, 9))).to.deep.equal([
      { from: 3, to: 4, step: step(2, 1) },
      { from: 4, to: 5, step: step(4, 1, 2, 4) },
      { from: 5, to: 6, step: step(5, 1, 2) },
      { from: 6, to: 8, step: step(6, 0, 2) },
      { from: 8, to: 9, step: step(8) },
    ]);
    expect(pieces(profile, span(1, 3))).to.deep.equal([
      { from: 1, to: 2, step: step(1) },
      { from: 2, to: 3, step: step(2, 1) },
    ]);
  });

  it('tells whether there is a usage in the span', () => {
    const sold = (from: number, to: number) => hasUsage(profile, span(from, to), 'sold');
    expect([sold(0, 4), sold(0, 5), sold(7, 8), sold(8, 9)]).to.deep.equal([false, true, true, false]);
  });

  it('is as before when all is given back, in any order', () => {
    const without = withUsage(withUsage(profile, span(2, 6), 'held', -1), span(4, 8), 'sold', -2);
    expect(without).to.deep.equal([step(4, 0, 0, 4), step(5)]);
    expect(withUsage(without, span(4, 5), 'blocked', -4)).to.deep.equal([]);
  });

  it('loses one usage as a whole', () => {
    expect(withoutUsage(profile, 'blocked')).to.deep.equal([step(2, 1), step(4, 1, 2), step(6, 0, 2), step(8)]);
  });

  it('is never changed itself', () => {
    const before = JSON.stringify(profile);
    withUsage(profile, span(3, 7), 'sold', 5);
    expect(JSON.stringify(profile)).to.equal(before);
  });
});

describe('many changes of a profile', () => {
  const POINTS = 12;
  const changes: fc.Arbitrary<readonly Change[]> = fc.array(
    fc.record({
      span: fc.tuple(fc.nat(POINTS), fc.nat(POINTS)).map(([from, to]) => span(from, to)),
      usage: fc.constantFrom('held' as const, 'sold' as const, 'blocked' as const),
      quantity: fc.integer({ min: -2, max: 3 }),
    }),
    { maxLength: 12 },
  );

  function oneByOne(profile: Profile, all: readonly Change[]): Profile {
    return all.reduce((known, one) => withUsage(known, one.span, one.usage, one.quantity), profile);
  }

  /** What the changes come to, point by point, with a step wherever it is another than at the point before. */
  function byPoints(all: readonly Change[]): Profile {
    const steps: Step[] = [];
    for (let at = 0; at <= POINTS; at += 1) {
      const taken = { held: 0, sold: 0, blocked: 0 };
      for (const one of all) if (one.span.from <= at && at < one.span.to) taken[one.usage] += one.quantity;
      const { held, sold, blocked } = steps.at(-1) ?? step(0);
      if (held !== taken.held || sold !== taken.sold || blocked !== taken.blocked) steps.push({ at, ...taken });
    }
    return steps;
  }

  it('come to what each point is taken by, one by one and all at once', () => {
    fc.assert(
      fc.property(changes, changes, (before, after) => {
        const profile = oneByOne(NOTHING_TAKEN, before);
        expect(profile).to.deep.equal(byPoints(before));
        const both = byPoints([...before, ...after]);
        expect(oneByOne(profile, after)).to.deep.equal(both);
        expect(withUsages(profile, after)).to.deep.equal(both);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a profile of thousands of steps', () => {
  const BOOKINGS = 1_500;
  const long = withUsages(
    NOTHING_TAKEN,
    Array.from({ length: BOOKINGS }, (_, index) => ({ span: span(index * 10, index * 10 + 25), usage: 'sold', quantity: 1 }) as const),
  );
  const points = fc.nat(BOOKINGS * 10 + 30);

  it('takes a usage as one that is made anew, wherever it lies, and is as before when that is given back', () => {
    const spans = fc.oneof(
      fc.tuple(points, points).map(([one, other]) => span(Math.min(one, other), Math.max(one, other))),
      fc.tuple(points, fc.nat(60)).map(([from, length]) => span(from, from + length)),
    );
    fc.assert(
      fc.property(spans, fc.constantFrom('held' as const, 'sold' as const), fc.constantFrom(-1, 1, 2), (over, usage, quantity) => {
        const taken = withUsage(long, over, usage, quantity);
        expect(taken).to.deep.equal(
          withUsages(long, [
            { span: over, usage, quantity },
            { span: span(0, 0), usage, quantity },
          ]),
        );
        expect(withUsage(taken, over, usage, -quantity)).to.deep.equal(long);
      }),
      { numRuns: 60 },
    );
  });
});
