import { expect } from 'chai';
import { followFeed } from '../../src/cli/follow-feed.ts';
import { type Holdfast, openHoldfast } from '../../src/main.ts';
import { withDatabase } from '../support/postgres.ts';
import { append } from '../support/read-side.ts';
import { NOW, opened } from '../support/slot-builders.ts';

const CLOSED = { event: { type: 'SlotClosed', reason: null }, at: NOW, commandId: null, commandHash: null } as const;
const REOPENED = { event: { type: 'SlotReopened', reason: null }, at: NOW, commandId: null, commandHash: null } as const;

/** An interruption that the test brings about. */
function interruption() {
  const listeners: (() => void)[] = [];
  const state = { wanted: false, onWanted: (listener: () => void) => void listeners.push(listener) };
  const interrupt = () => {
    state.wanted = true;
    for (const listener of listeners) listener();
  };
  return { state, interrupt };
}

describe('following the feed', () => {
  const database = withDatabase();
  let holdfast: Holdfast;
  let writer: Holdfast;

  before(async function () {
    this.timeout(30_000);
    holdfast = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    writer = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    await append(writer.store, 'slot-hamlet', [opened(), CLOSED, REOPENED]);
  });
  after(async () => {
    await holdfast.close();
    await writer.close();
  });

  it('ends where the log ends, when it is not to go on', async () => {
    const positions: number[] = [];
    await followFeed(holdfast, { after: 1, follow: false, interruption: interruption().state }, async (events) => {
      positions.push(...events.map(({ position }) => position));
      return true;
    });
    expect(positions).to.deep.equal([2, 3]);
  });

  it('passes on what comes, of the types that are wanted, until it is interrupted', async () => {
    const { state, interrupt } = interruption();
    const seen: string[] = [];
    let reached: () => void = () => undefined;
    const three = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const following = followFeed(holdfast, { after: 0, types: ['SlotClosed'], follow: true, interruption: state }, async (events) => {
      seen.push(...events.map(({ version, type }) => `${version} ${type}`));
      if (seen.length === 3) reached();
      return true;
    });
    await append(writer.store, 'slot-hamlet', [CLOSED]);
    await append(writer.store, 'slot-hamlet', [REOPENED, CLOSED]);
    await three;
    interrupt();
    await following;
    expect(seen).to.deep.equal(['2 SlotClosed', '4 SlotClosed', '6 SlotClosed']);
  });

  it('ends when nobody reads any more', async () => {
    let pages = 0;
    await followFeed(holdfast, { after: 0, follow: true, interruption: interruption().state }, async () => {
      pages += 1;
      return false;
    });
    expect(pages).to.equal(1);
  });
});
