import { expect } from 'chai';
import { importSlots } from '../../src/cli/import-slots.ts';
import type { StepResult } from '../../src/cli/import-target.ts';

interface Taken {
  readonly slotId: string;
  settle(result: StepResult | Error): void;
}

/** An import of so many slots whose outcomes the test decides, one by one. */
function importOf(total: number) {
  const taken: Taken[] = [];
  const stop = new AbortController();
  const shown = { done: 0, finished: 0 };
  const ended = importSlots(
    Array.from({ length: total }, (_, index) => `slot-${index + 1}`),
    {
      total,
      slotIdOf: (slotId) => slotId,
      open: (slotId) =>
        new Promise((resolve, reject) => {
          taken.push({ slotId, settle: (result) => (result instanceof Error ? reject(result) : resolve(result)) });
        }),
      progress: {
        update: (done) => {
          shown.done = done;
        },
        finish: () => {
          shown.finished += 1;
        },
      },
      stop,
    },
  );
  return { taken, stop, shown, ended };
}

const DONE: StepResult = { kind: 'done' };
const PRESENT: StepResult = { kind: 'present' };

describe('an import of many slots', () => {
  it('that cannot go on with one of them ends what is in hand, takes no more, and tells how far it came', async () => {
    const { taken, shown, stop, ended } = importOf(100);
    const inHand = taken.length;
    expect(inHand).to.be.within(4, 50);
    taken[2]?.settle(new Error('the connection was reset'));
    // Only when it has heard of the failure are the others done, each in its own way.
    await new Promise(setImmediate);
    expect(stop.signal.aborted).to.equal(true);
    for (const [index, one] of taken.entries()) {
      one.settle([DONE, PRESENT, DONE, { kind: 'refused', reason: 'no' } as const, new Error('reset too')][index] ?? DONE);
    }
    const { report, failure } = await ended;
    expect(taken).to.have.lengthOf(inHand);
    // Of those in hand one failed, one failed after it, one was there and one was refused.
    expect(report).to.deep.equal({
      opened: inHand - 4,
      alreadyThere: 1,
      refused: [{ slotId: 'slot-4', reason: 'no' }],
      notReached: 100 - inHand + 2,
    });
    expect(failure?.message).to.equal('slot-3: the connection was reset');
    expect(shown).to.deep.equal({ done: inHand - 2, finished: 1 });
  });

  it('that is interrupted ends what is in hand, takes no more, and says so', async () => {
    const { taken, stop, ended } = importOf(100);
    const inHand = taken.length;
    stop.abort();
    for (const one of taken) one.settle(DONE);
    const { report, failure } = await ended;
    expect(report).to.deep.equal({ opened: inHand, alreadyThere: 0, refused: [], notReached: 100 - inHand });
    expect(failure?.message).to.match(/^interrupted/);
  });

  it('that was interrupted when all was done has nothing to say of it', async () => {
    const { taken, stop, ended } = importOf(1);
    stop.abort();
    taken[0]?.settle(DONE);
    expect(await ended).to.deep.equal({ report: { opened: 1, alreadyThere: 0, refused: [], notReached: 0 }, failure: null });
  });
});
