import { expect } from 'chai';
import { liveText } from '../../../src/http/live-text.ts';
import type { SlotSummary } from '../../../src/queries/answers.ts';
import { Channel } from '../../../src/queries/live/channel.ts';
import type { LiveState } from '../../../src/queries/live/live-maps.ts';
import { TouchedUnits } from '../../../src/queries/live/touched-units.ts';

const MIB = 2 ** 20;

function at(version: number): LiveState {
  return { slot: { slotId: 'hamlet' } as SlotSummary, units: [], version, position: version };
}

/** A channel whose every text is so large, at version 6, where clients may come from any version before. */
function channelWithTextsOf(bytes: number): Channel {
  const text = { ...liveText, change: () => Buffer.alloc(bytes) };
  const channel = new Channel({ state: at(1), span: null, touched: new TouchedUnits(), text });
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
