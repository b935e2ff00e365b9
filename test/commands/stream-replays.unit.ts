import { expect } from 'chai';
import { TooMuchContentionError } from '../../src/commands/command-service.ts';
import { MAX_WAITING_REPLAYS, StreamReplays } from '../../src/commands/stream-replays.ts';

describe('replays of streams', () => {
  it('go one after another, and no more of them wait than there is room for', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const replays = new StreamReplays({
      loadAsOf: () => Promise.reject(new Error('planned: not here')),
      findForgotten: (slotId) => {
        begun.push(slotId);
        return new Promise((resolve) => ends.push(() => resolve(new Map())));
      },
    });
    const asked = Array.from({ length: 1 + MAX_WAITING_REPLAYS }, (_, index) => replays.booking(`slot-${index}`, 'b1'));
    const last = await replays.booking('one-too-many', 'b1').catch((error: unknown) => error);

    expect(last).to.be.instanceOf(TooMuchContentionError);
    for (let index = 0; index < asked.length; index += 1) {
      while (begun.length === index) await new Promise(setImmediate);
      expect(begun).to.have.length(index + 1);
      ends[index]?.();
      expect(await asked[index]).to.equal(null);
    }
    expect(await replays.slotAsOf('slot-1', 1).catch((error: Error) => error.message)).to.equal('planned: not here');
  });

  it('that fail do so for those who waited for them, and are made anew for who asks then', async () => {
    let tries = 0;
    const replays = new StreamReplays({
      loadAsOf: () => Promise.reject(new Error('planned: not here')),
      findForgotten: async () => {
        tries += 1;
        if (tries === 1) throw new Error('planned: the log is out of reach');
        return new Map();
      },
    });
    const both = await Promise.allSettled([replays.booking('hamlet', 'b1'), replays.booking('hamlet', 'b2')]);

    expect(both.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(await replays.booking('hamlet', 'b1')).to.equal(null);
    expect(tries).to.equal(2);
  });
});
