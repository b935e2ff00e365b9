import { expect } from 'chai';
import { StreamReplays } from '../../src/commands/stream-replays.ts';
import { MAX_WAITING_REPLAYS, ReplaysBusyError } from '../../src/eventstore/replay-turns.ts';
import { rejectionOf } from '../support/command-side.ts';
import { at, fold } from '../support/slot.ts';
import { claim, confirmed, held, NOW, opened } from '../support/slot-builders.ts';

const HISTORY = [opened(), held('b1', [claim('A1')]), confirmed('b1', [claim('A1')])].flat().map((event) => at(NOW, event));
const notAsked = () => Promise.reject(new Error('planned: not here'));

describe('replays of streams', () => {
  it('go one after another, and no more of them wait than there is room for', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const replays = new StreamReplays({
      replayTo: notAsked,
      findForgotten: (slotId) => {
        begun.push(slotId);
        return new Promise((resolve) => ends.push(() => resolve(new Map())));
      },
    });
    const asked = Array.from({ length: 1 + MAX_WAITING_REPLAYS }, (_, index) => replays.booking(`slot-${index}`, 'b1'));

    expect(await rejectionOf(replays.booking('one-too-many', 'b1'))).to.be.instanceOf(ReplaysBusyError);
    expect(await rejectionOf(replays.moment('one-too-many', 1, null))).to.be.instanceOf(ReplaysBusyError);
    for (let index = 0; index < asked.length; index += 1) {
      while (begun.length === index) await new Promise(setImmediate);
      expect(begun).to.have.length(index + 1);
      ends[index]?.();
      expect(await asked[index]).to.equal(null);
    }
    expect((await rejectionOf(replays.moment('one-too-many', 1, null))).message, 'there is room again').to.equal('planned: not here');
  });

  it('that fail do so for those who waited for them, and are made anew for who asks then', async () => {
    let tries = 0;
    const replays = new StreamReplays({
      replayTo: notAsked,
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

  it('tell all that was asked of a slot before they begin, each version as soon as they have come to it', async () => {
    const ranTo: number[] = [];
    const replays = new StreamReplays({
      findForgotten: notAsked,
      replayTo: async (_, version, reached) => {
        ranTo.push(version);
        for (let count = 1; count <= Math.min(version, HISTORY.length); count += 1)
          reached({ state: fold(HISTORY.slice(0, count)), position: count * 10 });
        if (version > HISTORY.length) throw new Error('planned: the next event cannot be read');
      },
    });
    const [slot, early, late, again, never, beyond] = await Promise.allSettled([
      replays.moment('hamlet', 2, null),
      replays.moment('hamlet', 3, 'b1'),
      replays.moment('hamlet', 4, 'b1'),
      replays.moment('hamlet', 3, 'b1'),
      replays.moment('hamlet', 4, 'b2'),
      replays.moment('hamlet', 5, 'b1'),
    ]);

    expect(ranTo).to.deep.equal([5]);
    expect(slot).to.have.nested.property('value.slot.version', 2);
    expect(early).to.deep.include({ status: 'fulfilled' });
    expect(early).to.have.nested.include({ 'value.position': 30, 'value.booking.status': 'HELD' });
    expect(late).to.have.nested.include({ 'value.position': 40, 'value.booking.status': 'CONFIRMED' });
    expect(again).to.deep.equal(early);
    expect(never).to.have.nested.property('value.booking', null);
    expect(beyond).to.have.nested.property('reason.message', 'planned: the next event cannot be read');
  });

  it('that end before a version was reached say so', async () => {
    const replays = new StreamReplays({ findForgotten: notAsked, replayTo: async () => {} });

    expect((await rejectionOf(replays.moment('hamlet', 7, 'b1'))).message).to.equal('slot hamlet has no such version');
  });
});
