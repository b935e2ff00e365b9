import { expect } from 'chai';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { RecentFeed } from '../../src/eventstore/postgres/recent-feed.ts';
import { newEvent } from '../support/stored-events.ts';

const HASH = '0'.repeat(64);

function recorded(position: number, data = '{}'): RecordedEvent {
  return { ...newEvent({ data }), position, streamId: 'slot-a', version: position, recordedAt: 0, previousHash: HASH, hash: HASH };
}

function between(first: number, last: number): readonly RecordedEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => recorded(first + index));
}

/** With somebody who follows and had nothing yet. */
function followedFeed(): RecentFeed {
  const feed = new RecentFeed();
  feed.follow();
  return feed;
}

const positions = (events: readonly RecordedEvent[]) => events.map(({ position }) => position);

describe('what a process has just written', () => {
  it('is told from the position on, up to the limit', () => {
    const feed = followedFeed();
    feed.add(between(5, 9));

    expect(positions(feed.after(4, 100))).to.deep.equal([5, 6, 7, 8, 9]);
    expect(positions(feed.after(6, 2))).to.deep.equal([7, 8]);
    expect(feed.after(9, 100)).to.deep.equal([]);
  });

  it('is not told up to a gap in which somebody else wrote, since the log has more to tell', () => {
    const feed = followedFeed();
    feed.add(between(5, 6));
    feed.add(between(8, 9));

    expect(feed.after(4, 100)).to.deep.equal([]);
    expect(positions(feed.after(4, 2))).to.deep.equal([5, 6]);
    expect(feed.after(6, 100)).to.deep.equal([]);
    expect(feed.after(3, 100)).to.deep.equal([]);
    expect(positions(feed.after(7, 100))).to.deep.equal([8, 9]);
  });

  it('is told in order when the later of two transactions was answered first', () => {
    const feed = followedFeed();
    feed.add(between(7, 8));
    feed.add(between(5, 6));

    expect(positions(feed.after(4, 100))).to.deep.equal([5, 6, 7, 8]);
  });

  it('is kept until everybody who follows had it', () => {
    const feed = new RecentFeed();
    const [quick, slow] = [feed.follow(), feed.follow()];
    feed.add(between(5, 9));

    quick.had(9);
    expect(positions(feed.after(4, 100))).to.deep.equal([5, 6, 7, 8, 9]);
    slow.had(7);
    expect(feed.after(6, 1)).to.deep.equal([]);
    expect(positions(feed.after(7, 100))).to.deep.equal([8, 9]);
    feed.add(between(10, 11));
    slow.end();
    expect(feed.after(8, 1)).to.deep.equal([]);
    expect(positions(feed.after(9, 100))).to.deep.equal([10, 11]);
  });

  it('is kept for nobody when nobody follows, and not when it was read from the log before it was known here', () => {
    const feed = new RecentFeed();
    feed.add(between(1, 2));
    const follower = feed.follow();
    expect(feed.after(0, 100)).to.deep.equal([]);

    follower.had(4);
    feed.add(between(3, 5));
    expect(feed.after(3, 1)).to.deep.equal([]);
    expect(positions(feed.after(4, 100))).to.deep.equal([5]);
  });

  it('is let go of as a whole when a log that was set back had other events at the same positions', () => {
    const feed = new RecentFeed();
    const follower = feed.follow();
    feed.add(between(1, 3));
    feed.add(between(2, 3).map((event) => ({ ...event, data: '{"other":true}' })));
    expect(feed.after(1, 100).map(({ data }) => data)).to.deep.equal(['{"other":true}', '{"other":true}']);

    follower.end();
    feed.add(between(4, 5));
    expect(feed.after(3, 100)).to.deep.equal([]);
  });

  it('is forgotten from the oldest on, beyond a number of events', () => {
    const feed = followedFeed();
    for (let first = 1; first < 40_000; first += 100) feed.add(between(first, first + 99));

    expect(feed.after(0, 10)).to.have.length(0);
    expect(feed.after(7_231, 10)).to.have.length(0);
    expect(feed.after(7_232, 40_000)).to.have.length(32_768);
  });

  it('is forgotten when others have gone on for long, and what comes late from before that is passed by', () => {
    const feed = followedFeed();
    feed.add(between(5, 9));
    feed.add(between(1_000_000, 1_000_001));
    const late = 1_000_000 - 65_536;
    feed.add(between(late, late + 1));

    expect(feed.after(4, 2)).to.deep.equal([]);
    expect(feed.after(late - 1, 2)).to.deep.equal([]);
    expect(positions(feed.after(999_999, 10))).to.deep.equal([1_000_000, 1_000_001]);
  });

  it('is forgotten beyond a number of bytes', () => {
    const feed = followedFeed();
    const large = JSON.stringify('x'.repeat(250_000));
    for (let position = 1; position <= 100; position += 1) feed.add([recorded(position, large)]);

    expect(feed.after(46, 100)).to.have.length(0);
    expect(feed.after(47, 100)).to.have.length(53);
  });
});
