import { mock } from 'node:test';
import { expect } from 'chai';
import { liveText } from '../../../src/http/live-text.ts';
import type { SlotSummary } from '../../../src/queries/answers.ts';
import { Channel } from '../../../src/queries/live/channel.ts';
import type { LiveState } from '../../../src/queries/live/live-maps.ts';
import { TouchedUnits } from '../../../src/queries/live/touched-units.ts';

const MIB = 2 ** 20;

/** The log's clock. */
let instant = 0;

function at(version: number): LiveState {
  const slot = { slotId: 'hamlet' } as SlotSummary;
  return { slot, units: [], version, position: version, isOver: false, changesAt: Number.POSITIVE_INFINITY };
}

/** A channel whose every text is so large, at version 6, where clients may come from any version before. */
function channelWithTextsOf(bytes: number): Channel {
  const text = { ...liveText, change: () => Buffer.alloc(bytes) };
  const channel = new Channel({ state: at(1), span: null, touched: new TouchedUnits(), text, now: () => instant });
  for (let version = 2; version <= 6; version += 1) channel.advance(at(version));
  return channel;
}

describe('what is written for those who watch a slot', () => {
  it('is written once for all who have the same version', () => {
    const channel = channelWithTextsOf(MIB / 2);
    const written = [1, 2, 3, 4, 5].map((version) => channel.since(version));

    expect(new Set(written).size).to.equal(5);
    expect([1, 2, 3, 4, 5].map((version) => channel.since(version) === written[version - 1])).to.deep.equal([true, true, true, true, true]);
  });

  it('is let go of, and written anew, when all of it together takes too much', () => {
    const channel = channelWithTextsOf(MIB);
    const written = [1, 2, 3, 4, 5].map((version) => channel.since(version));

    expect(channel.since(5)).to.equal(written[4]);
    expect(channel.since(1)).to.not.equal(written[0]);
  });

  it('is kept once even if it alone takes more', () => {
    const channel = channelWithTextsOf(5 * MIB);

    expect(channel.since(1)).to.equal(channel.since(1));
  });
});

describe('a slot that is over by the clock alone', () => {
  const text = liveText;
  const over = (version: number): LiveState => ({ ...at(version), isOver: true });

  it('is not told anew, nor looked for again, when none of its units is other than before', () => {
    const channel = new Channel({ state: { ...at(1), changesAt: 5 }, span: null, touched: new TouchedUnits(), text, now: () => instant });
    channel.advance(over(1));

    expect(channel.state.changesAt).to.equal(Number.POSITIVE_INFINITY);
    expect([channel.epoch, channel.canResume(1)]).to.deep.equal([0, true]);
  });

  it('is told as a whole to who has a version from before it was over, wherever he has it from', () => {
    const fresh = new Channel({ state: over(7), span: null, touched: new TouchedUnits(), text, now: () => instant });
    const grown = new Channel({ state: at(6), span: null, touched: new TouchedUnits(), text, now: () => instant });
    grown.advance(over(7));
    for (const channel of [fresh, grown]) {
      expect(channel.canResume(7)).to.equal(false);
      channel.advance(over(8));
      expect([channel.canResume(7), channel.canResume(8)]).to.deep.equal([false, true]);
    }
  });

  it('is told as a whole to who read that it was over before that was looked at, when it is open again in the next version', () => {
    instant = 4;
    const channel = new Channel({ state: { ...at(1), changesAt: 5 }, span: null, touched: new TouchedUnits(), text, now: () => instant });
    channel.advance({ ...at(2), changesAt: 5 });
    expect([channel.epoch, channel.canResume(1)]).to.deep.equal([0, true]);
    instant = 5;
    channel.advance(at(3));
    expect([channel.epoch, channel.canResume(2)]).to.deep.equal([1, false]);
  });

  it('goes on from version to version when it was cancelled, which was an event', () => {
    const channel = new Channel({ state: at(6), span: null, touched: new TouchedUnits(), text, now: () => instant });
    channel.advance({ ...over(7), slot: { slotId: 'hamlet', status: 'CANCELLED' } as SlotSummary });

    expect([channel.epoch, channel.canResume(6)]).to.deep.equal([0, true]);
  });
});

describe('the whole state of a slot', () => {
  let now = 0;

  before(() => {
    mock.method(performance, 'now', () => now);
  });
  after(() => mock.restoreAll());

  /** A channel at version 1, whose whole state takes so many bytes. */
  function channelOf(bytes: number): Channel {
    const text = { ...liveText, reset: () => Buffer.alloc(bytes) };
    return new Channel({ state: at(1), span: null, touched: new TouchedUnits(), text, now: () => instant });
  }

  it('is written once for all who come while nothing changes', () => {
    const channel = channelOf(100);
    expect(channel.whole(1)).to.equal(channel.whole(1));
  });

  it('is written anew for the next version when it is small', () => {
    const channel = channelOf(100);
    const first = channel.whole(1);
    channel.advance(at(2));
    expect([first.version, channel.whole(1).version]).to.deep.equal([1, 2]);
  });

  describe('that is large', () => {
    it('goes to those who come within two seconds, with the version from which they go on', () => {
      const channel = channelOf(MIB);
      const first = channel.whole(1);
      channel.advance(at(2));
      now += 1_999;
      expect(channel.whole(1)).to.equal(first);
      expect(channel.canResume(first.version)).to.equal(true);
      channel.advance(at(3));
      now += 1;
      expect(channel.whole(1).version).to.equal(3);
    });

    it('is written anew for who must have a later one', () => {
      const channel = channelOf(MIB);
      channel.whole(1);
      channel.advance(at(2));
      expect(channel.whole(2).version).to.equal(2);
    });

    it('is written once for all who are ahead of it', () => {
      const channel = channelOf(MIB);
      expect(channel.whole(99)).to.equal(channel.whole(99));
    });

    it('is void when everybody begins anew', () => {
      const channel = channelOf(MIB);
      const first = channel.whole(1);
      channel.advance({ ...at(1), slot: { slotId: 'hamlet', title: 'Another' } as SlotSummary });
      expect(channel.whole(1)).to.not.equal(first);
    });
  });
});
