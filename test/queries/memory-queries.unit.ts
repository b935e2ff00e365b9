import { expect } from 'chai';
import type { Axis, SpanRequest } from '../../src/domain/axis.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import type { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import type { SpanRead } from '../../src/queries/answers.ts';
import { createMemoryQueries, type MemoryQueries } from '../../src/queries/memory/memory-queries.ts';
import type { LayoutSource } from '../../src/queries/memory/slot-row-source.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import type { Queries, Question } from '../../src/queries/queries.ts';
import {
  following,
  type ScriptedRows,
  type StoppableFeed,
  scriptedRows,
  stoppableFeed,
  withSpoiltLayouts,
} from '../support/memory-layer.ts';
import { append } from '../support/read-side.ts';
import { claim, HOUR, held, NOW, opened, seat } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const WAIT_MS = 5_000;
const HAMLET = 'slot-hamlet';
const WHOLE: Axis = { type: 'whole' };
const FLEET: Axis = { type: 'time', bufferMinutes: 30 };

/** The layer behind memory: it answers that it was asked, and when it was waited for. */
interface Next extends Queries {
  readonly asked: readonly string[];
}

function nextLayer(): Next {
  const asked: string[] = [];
  const note = async (what: string): Promise<never> => {
    asked.push(what);
    return { kind: 'not-found', position: 0 } as never;
  };
  const waitForPosition = async (question: Question, position: number) => {
    asked.push(`wait for ${position} to answer ${question}`);
    return { reached: true, position };
  };
  return {
    asked,
    slot: (slotId) => note(`slot ${slotId}`),
    slots: () => note('slots'),
    availability: (slotId) => note(`availability of ${slotId}`),
    seats: (slotId) => note(`seats of ${slotId}`),
    booking: (bookingId) => note(`booking ${bookingId}`),
    bookings: () => note('bookings'),
    layout: (layoutId) => note(`layout ${layoutId}`),
    waitForPosition,
  };
}

describe('questions that memory answers', () => {
  let store: EventStore;
  let log: StoppableFeed;
  let rows: ScriptedRows;
  let next: Next;
  let follower: FeedFollower;
  let queries: MemoryQueries;
  let now: number;

  async function begin(axis: Axis): Promise<void> {
    store = createMemoryEventStore();
    log = stoppableFeed(store);
    await append(log, HAMLET, [opened({ axis, units: [seat('A1'), seat('A2')] })]);
    await follow(new LayoutReader(log));
  }

  async function follow(layouts: LayoutSource): Promise<void> {
    now = NOW;
    // Views go on while this instance's own feed is stopped.
    rows = scriptedRows(store);
    next = nextLayer();
    const shelf = new SlotShelf({ store: log, source: rows, layouts, log: { warn: () => undefined } });
    follower = await following(log, shelf);
    queries = createMemoryQueries({ next, shelf, follower, now: () => now });
  }

  afterEach(async () => {
    log.letFeedGo();
    await follower.stop();
  });

  function readOf<Value>(answer: SpanRead<Value>) {
    if (answer.kind !== 'found') throw new Error(`expected an answer, got ${answer.kind}`);
    return answer.read;
  }
  const seats = async (span: SpanRequest | null = null) => readOf(await queries.seats('hamlet', span));
  const statuses = async () => (await seats()).value.units.map(({ status }) => status);

  describe('of a show', () => {
    beforeEach(() => begin(WHOLE));

    it('say where they come from, and count what was there', async () => {
      expect((await seats()).source).to.equal('postgres');
      expect((await seats()).source).to.equal('memory');
      await queries.availability('hamlet', null);
      await queries.slot('hamlet');

      const { memory, slots } = queries.readStatistics();
      expect(memory).to.deep.equal({ slot: { hits: 1, misses: 0 }, availability: { hits: 1, misses: 0 }, seats: { hits: 1, misses: 1 } });
      expect(slots).to.include({ slots: 1, evicted: 0, dropped: 0 });
      expect(rows.loads).to.have.length(1);
    });

    it('give the same answer again as the same object, until something happens to the slot', async () => {
      const first = await seats();
      const summary = (await queries.slot('hamlet')).value;
      await append(log, 'slot-other', [opened({ slotId: 'other' })]);
      await queries.waitForPosition('seats', 2, WAIT_MS);
      expect((await seats()).value).to.equal(first.value);
      expect((await queries.slot('hamlet')).value).to.equal(summary);

      const position = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));
      await queries.waitForPosition('seats', position, WAIT_MS);

      expect(await statuses()).to.deep.equal(['held', 'free']);
      expect((await queries.slot('hamlet')).value?.counts).to.include({ free: 1, held: 1 });
    });

    it('carry the position that memory has reached', async () => {
      await seats();
      const position = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));
      expect(await queries.waitForPosition('availability', position, WAIT_MS)).to.deep.equal({ reached: true, position });
      expect((await seats()).position).to.equal(position);
    });

    it('are behind while the feed stands still, and say so instead of waiting for ever', async () => {
      await seats();
      log.stopFeed();
      const position = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));

      expect(await queries.waitForPosition('seats', position, 50)).to.deep.equal({ reached: false, position: 1 });
      expect((await seats()).position).to.equal(1);
      log.letFeedGo();
      expect((await queries.waitForPosition('seats', position, WAIT_MS)).reached).to.equal(true);
      expect(await statuses()).to.deep.equal(['held', 'free']);
    });

    it('go on when the log is out of reach, and say that they may be stale', async () => {
      await seats();
      log.breakFeed();
      await waitUntil('the follower knows', async () => {
        await append(log, 'slot-other', [opened({ slotId: 'other' })]);
        return !follower.isCurrent;
      });
      expect(await seats()).to.include({ source: 'memory', stale: true });
      expect(await queries.slot('hamlet')).to.include({ stale: true });

      log.letFeedGo();
      await waitUntil(
        'the follower is back',
        async () => (await queries.waitForPosition('seats', await log.headPosition(), WAIT_MS)).reached,
      );
      expect(await seats()).to.not.have.property('stale');
    });

    it('are not found where there is nothing, with the position of that', async () => {
      const position = await append(log, 'slot-other', [opened({ slotId: 'other' })]);
      await queries.waitForPosition('seats', position, WAIT_MS);
      expect(await queries.seats('nowhere', null)).to.deep.equal({ kind: 'not-found', position });
      expect(await queries.slot('nowhere')).to.include({ value: null, position });
    });

    it('are handed on for a slot that an event has poisoned, once the next layer is as far', async () => {
      const position = await append(log, HAMLET, [{ type: 'UnitsWithdrawn', units: [{ unitId: 'nowhere', quantity: 1 }], reason: null }]);
      await queries.waitForPosition('seats', position, WAIT_MS);
      rows.standAt(1);
      expect((await queries.seats('hamlet', null)).kind).to.equal('not-found');
      await queries.slot('hamlet');

      expect(next.asked).to.deep.equal([
        `wait for ${position} to answer seats`,
        'seats of hamlet',
        `wait for ${position} to answer slot`,
        'slot hamlet',
      ]);
    });

    it('are handed on before memory follows the log, and after', async () => {
      await follower.stop();
      await queries.seats('hamlet', null);
      await queries.slot('hamlet');
      await queries.waitForPosition('slot', 7, WAIT_MS);

      expect(next.asked).to.deep.equal(['seats of hamlet', 'slot hamlet', 'wait for 7 to answer slot']);
    });

    it('are the only ones: the next layer has the others, and is waited for', async () => {
      await queries.booking('hamlet.1');
      await queries.waitForPosition('bookings', 7, WAIT_MS);

      expect(next.asked).to.deep.equal(['booking hamlet.1', 'wait for 7 to answer bookings']);
    });
  });

  describe('of a slot that is ahead of the feed', () => {
    beforeEach(() => begin(WHOLE));

    it('carry a position that has what they show, when the layer behind had it first', async () => {
      const otherLog = stoppableFeed(store);
      const otherShelf = new SlotShelf({ store: otherLog, source: rows, layouts: new LayoutReader(log), log: { warn: () => undefined } });
      const otherFollower = await following(otherLog, otherShelf);
      const other = createMemoryQueries({ next, shelf: otherShelf, follower: otherFollower, now: () => now });
      try {
        expect((await other.slot('hamlet')).value?.version, 'in the memory of the other instance').to.equal(1);
        log.stopFeed();
        otherLog.stopFeed();
        const written = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));

        const answers = [await queries.slot('hamlet'), await seats(), readOf(await queries.availability('hamlet', null))];
        for (const { value, position } of answers) expect([value?.version, position]).to.deep.equal([3, written]);
        const early = await other.waitForPosition('slot', written, 20);
        expect(early, 'nobody who names it is shown less').to.deep.equal({ reached: false, position: 1 });
        log.letFeedGo();
        otherLog.letFeedGo();
        expect((await other.waitForPosition('slot', written, WAIT_MS)).reached).to.equal(true);
        expect((await other.slot('hamlet')).value?.version).to.equal(3);
      } finally {
        log.letFeedGo();
        otherLog.letFeedGo();
        await otherFollower.stop();
      }
    });

    it('carry a position that has what they show, when its stream had it first', async () => {
      log.stopFeed();
      const written = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));
      // The views have shown that they are there, and fall back behind it.
      await queries.slot('other');
      rows.standAt(1);

      const { value, position } = await queries.slot('hamlet');
      expect([value?.version, position]).to.deep.equal([3, written]);
    });

    it('carry a position that has what they show, while the rest of its batch is still being taken', async () => {
      await follower.stop();
      const layouts = new LayoutReader(log);
      let arrive = () => {};
      let letGo = () => {};
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await follow({
        load: async (layoutId) => {
          arrive();
          await released;
          return layouts.load(layoutId);
        },
      });
      expect((await queries.slot('hamlet')).value?.version).to.equal(1);
      expect((await queries.slot('in-hall')).value).to.equal(null);
      log.stopFeed();
      const written = await append(log, HAMLET, held('hamlet.1', [claim('A1')]));
      await append(log, 'layout-hall', [
        { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 1 },
        { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('B1')] },
        { type: 'LayoutCompleted', layoutId: 'hall' },
      ]);
      const last = await append(log, 'slot-in-hall', [opened({ slotId: 'in-hall', layoutId: 'hall', units: [] })]);
      log.letFeedGo();
      await arrived;

      try {
        const { value, position, source } = await queries.slot('hamlet');
        expect([value?.version, position, source]).to.deep.equal([3, written, 'memory']);
        expect((await seats()).position).to.equal(written);
      } finally {
        letGo();
      }
      await queries.waitForPosition('slot', last, WAIT_MS);
      expect((await queries.slot('hamlet')).position).to.equal(last);
    });
  });

  describe('of a show on a layout that cannot be read', () => {
    beforeEach(async () => {
      store = createMemoryEventStore();
      log = stoppableFeed(store);
      await append(log, 'layout-hall', [
        { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 1 },
        { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('A1')] },
        { type: 'LayoutCompleted', layoutId: 'hall' },
      ]);
      await append(log, HAMLET, [opened({ layoutId: 'hall', units: [] })]);
      await follow(new LayoutReader(withSpoiltLayouts(log)));
    });

    it('are handed on: the next layer has its units', async () => {
      await queries.slot('hamlet');
      await queries.seats('hamlet', null);

      expect(next.asked).to.deep.equal(['wait for 4 to answer slot', 'slot hamlet', 'wait for 4 to answer seats', 'seats of hamlet']);
    });
  });

  describe('of a fleet', () => {
    beforeEach(() => begin(FLEET));

    it('count what is taken as of now, without an event', async () => {
      await append(log, HAMLET, held('hamlet.1', [claim('A1', { from: NOW + HOUR, to: NOW + 2 * HOUR })]));
      await queries.waitForPosition('slot', 3, WAIT_MS);
      const free = async () => (await queries.slot('hamlet')).value?.counts.free;
      expect(await free()).to.equal(2);
      const before = (await queries.slot('hamlet')).value;
      now = NOW + HOUR - 1;
      expect((await queries.slot('hamlet')).value, 'nothing has changed yet').to.equal(before);

      now = NOW + HOUR;
      expect(await free()).to.equal(1);
      now = NOW + 2 * HOUR + 30 * 60_000;
      expect(await free(), 'after the buffer').to.equal(2);
    });

    it('are handed on when they are about what memory has let go of', async () => {
      await seats({ from: NOW, to: NOW + HOUR });
      expect(next.asked).to.deep.equal([]);
      await queries.seats('hamlet', { from: NOW - 30 * HOUR, to: NOW });

      expect(next.asked).to.deep.equal(['wait for 1 to answer seats', 'seats of hamlet']);
    });

    it('are refused without a span, as everywhere', async () => {
      expect(await queries.availability('hamlet', null)).to.deep.equal({ kind: 'fault', fault: { kind: 'span-required' }, position: 1 });
    });
  });
});
