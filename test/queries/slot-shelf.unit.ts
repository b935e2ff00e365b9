import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { PoisonEventError } from '../../src/projections/fold.ts';
import type { SlotRows } from '../../src/projections/inventory/slot-rows.ts';
import { ViewsUnavailableError } from '../../src/queries/answers.ts';
import { rejectionOf } from '../support/command-side.ts';
import { type FedShelf, fedShelf, foldedRows, listed, type ScriptedRows, scriptedRows } from '../support/memory-layer.ts';
import { append } from '../support/read-side.ts';
import { cancelled, claim, confirmed, HOUR, held, NOW, opened, seat, seats, seatsHeld } from '../support/slot-builders.ts';

const HAMLET = 'slot-hamlet';
const A1 = [claim('A1')];
const A2 = [claim('A2')];

let store: EventStore;
let rows: ScriptedRows;
let memory: FedShelf;

beforeEach(async () => {
  store = createMemoryEventStore();
  rows = scriptedRows(store);
});

async function begin(options: { maxBytes?: number; now?: number } = {}): Promise<void> {
  memory = await fedShelf(store, rows, options);
}

/** What is in memory is what the whole log makes, not more and not less. */
async function expectCurrent(slotId = 'hamlet'): Promise<void> {
  const kept = await memory.slot(slotId);
  expect(listed(kept.rows)).to.deep.equal(listed(await foldedRows(store, slotId, await store.headPosition())));
}

describe('a slot in memory', () => {
  beforeEach(async () => {
    await append(store, HAMLET, [opened()]);
    await begin();
  });

  it('is loaded once and then kept up by the feed', async () => {
    await memory.slot('hamlet');
    await append(store, HAMLET, [...held('hamlet.1', A1), ...held('hamlet.2', A2), confirmed('hamlet.1', A1)]);
    await memory.feed();
    await append(store, HAMLET, [cancelled('hamlet.2', A2)]);
    await memory.feed();

    await expectCurrent();
    expect(rows.loads).to.deep.equal(['hamlet']);
  });

  it('takes no event twice, and none that it has already', async () => {
    await memory.slot('hamlet');
    await append(store, HAMLET, held('hamlet.1', A1));
    const log = await store.readFeed(0, 100);

    await memory.shelf.take(log);
    await memory.shelf.take(log.slice(1));
    await memory.feed();

    await expectCurrent();
    expect(memory.shelf.counts.dropped).to.equal(0);
  });

  it('stands on a layout that the views have not seen yet, a seat of which is gone already', async () => {
    const units = [seat('B1'), seat('B2')];
    rows.standAt(1);
    await append(store, 'layout-hall', [
      { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 2 },
      { type: 'LayoutUnitsAdded', layoutId: 'hall', units },
      { type: 'LayoutCompleted', layoutId: 'hall' },
    ]);
    await append(store, 'slot-in-hall', [
      opened({ slotId: 'in-hall', layoutId: 'hall', units: [] }),
      { type: 'UnitsWithdrawn', units: [{ unitId: 'B2', quantity: 1 }], reason: null },
    ]);
    await memory.feed();

    await expectCurrent('in-hall');
    expect((await memory.slot('in-hall')).layout?.units).to.deep.equal(units);
  });
});

describe('a load that is overtaken', () => {
  beforeEach(async () => {
    await append(store, HAMLET, [opened()]);
    await begin();
  });

  it('by events that the feed hands over meanwhile never leaves the old value', async () => {
    const load = rows.holdNextLoad();
    const filled = memory.slot('hamlet');
    await load.hasRead;
    await append(store, HAMLET, held('hamlet.1', A1));
    await memory.feed();
    load.letGo();

    expect((await filled).version, 'for those who asked first').to.equal(3);
    await expectCurrent();
  });

  it('by events that were handed over before it began, and that the views do not have yet, reads them from the stream', async () => {
    rows.standAt(1);
    await append(store, HAMLET, held('hamlet.1', A1));
    await memory.feed();

    await expectCurrent();
  });

  it('by events from before and from meanwhile has both', async () => {
    rows.standAt(1);
    await append(store, HAMLET, held('hamlet.1', A1));
    await memory.feed();
    const load = rows.holdNextLoad();
    const filled = memory.slot('hamlet');
    await load.hasRead;
    await append(store, HAMLET, held('hamlet.2', A2));
    await memory.feed();
    load.letGo();

    expect((await filled).version).to.equal(5);
    await expectCurrent();
  });

  it('by more events than are kept waiting for it reads the rest from the stream', async () => {
    const load = rows.holdNextLoad();
    const filled = memory.slot('hamlet');
    await load.hasRead;
    await append(store, HAMLET, held('hamlet.1', A1));
    const extension = (n: number) =>
      ({ type: 'HoldExtended', bookingId: 'hamlet.1', customerId: 'c-17', claims: A1, expiresAt: NOW + n }) as const;
    const extensions = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => extension(from + n));
    // With the two of the hold that is one more than there is room for.
    for (const [from, to] of [
      [0, 1_000],
      [1_000, 1_999],
    ] as const)
      await append(store, HAMLET, extensions(from, to));
    await memory.feed();
    load.letGo();

    expect((await filled).version).to.equal(2_002);
    await expectCurrent();
  });

  it('by a switch of the views to another build is made again', async () => {
    const load = rows.holdNextLoad();
    const filled = memory.slot('hamlet');
    await load.hasRead;
    memory.shelf.clear();
    load.letGo();
    await filled;

    expect(rows.loads).to.have.length(2);
    await expectCurrent();
  });

  it('serves everybody who asks meanwhile', async () => {
    const load = rows.holdNextLoad();
    const asked = Array.from({ length: 50 }, () => memory.shelf.fill('hamlet', 0));
    await load.hasRead;
    load.letGo();
    const slots = await Promise.all(asked);

    expect(new Set(slots.map(({ slot }) => slot)).size).to.equal(1);
    expect(rows.loads).to.have.length(1);
  });

  it('fails for everybody who waits when the views cannot be read, and for nobody after that', async () => {
    rows.failNext(new ViewsUnavailableError('planned'));
    const asked = [rejectionOf(memory.shelf.fill('hamlet', 0)), rejectionOf(memory.shelf.fill('hamlet', 0))];

    for (const error of await Promise.all(asked)) expect(error).to.be.an.instanceOf(ViewsUnavailableError);
    await expectCurrent();
  });
});

describe('a slot that is not there', () => {
  it('is remembered, and seen as soon as it is opened', async () => {
    await begin();
    expect((await memory.slot('hamlet')).rows).to.equal(null);
    expect((await memory.slot('hamlet')).rows).to.equal(null);
    expect(rows.loads).to.have.length(1);
    await append(store, HAMLET, [opened()]);
    await memory.feed();

    await expectCurrent();
    expect(rows.loads).to.have.length(1);
  });

  it('is found when it was opened while the views were asked', async () => {
    await begin();
    const load = rows.holdNextLoad();
    const filled = memory.slot('hamlet');
    await load.hasRead;
    await append(store, HAMLET, [opened()]);
    await memory.feed();
    load.letGo();

    expect((await filled).version).to.equal(1);
    await expectCurrent();
  });
});

describe('memory that is full', () => {
  beforeEach(async () => {
    for (const slotId of ['one', 'two', 'three']) await append(store, `slot-${slotId}`, [opened({ slotId, units: seats(10) })]);
    await begin({ maxBytes: 25_000 });
    await memory.slot('one');
    await memory.slot('two');
  });

  it('lets go of the slot that was not used for longest', async () => {
    await memory.slot('one');
    await memory.slot('three');

    expect(memory.shelf.get('two')).to.equal(undefined);
    expect(memory.shelf.get('one')).to.not.equal(undefined);
    expect(memory.shelf.counts).to.include({ slots: 2, evicted: 1 });
    expect(memory.shelf.counts.bytes).to.be.within(1, 25_000);
  });

  it('counts a layout once, for as long as slots stand on it', async () => {
    const units = seats(20);
    const weightOf = async (slotIds: readonly string[]) => {
      memory.shelf.clear();
      for (const slotId of slotIds) await memory.slot(slotId);
      return memory.shelf.counts.bytes;
    };
    await append(store, 'layout-hall', [
      { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: units.length },
      { type: 'LayoutUnitsAdded', layoutId: 'hall', units },
      { type: 'LayoutCompleted', layoutId: 'hall' },
    ]);
    for (const slotId of ['in-hall', 'in-hall-too'])
      await append(store, `slot-${slotId}`, [opened({ slotId, layoutId: 'hall', units: [] })]);
    await append(store, 'slot-bare', [opened({ slotId: 'bare', units: [] })]);
    await memory.feed();

    const bare = await weightOf(['bare']);
    expect(await weightOf(['in-hall']), 'with its layout').to.be.greaterThan(bare + 100 * units.length);
    expect((await weightOf(['in-hall', 'in-hall-too'])) - (await weightOf(['in-hall'])), 'the second one').to.equal(bare);
    expect(await weightOf([]), 'when they are gone').to.equal(0);
  });

  it('has a slot right again that it had let go of', async () => {
    await memory.slot('three');
    await append(store, 'slot-one', held('one.1', A1));
    await memory.feed();

    expect(memory.shelf.get('one')).to.equal(undefined);
    await expectCurrent('one');
  });

  it('keeps what is on its way in, however long ago it was asked for', async () => {
    await begin({ maxBytes: 25_000 });
    const load = rows.holdNextLoad();
    const filled = memory.slot('three');
    await load.hasRead;
    for (const slotId of ['one', 'two', 'one', 'two']) await memory.slot(slotId);
    await append(store, 'slot-two', [{ type: 'UnitsAdded', units: Array.from({ length: 40 }, (_, n) => seat(`B${n}`)) }]);
    await memory.feed();
    await append(store, 'slot-three', held('three.1', A1));
    await memory.feed();
    load.letGo();

    expect((await filled).version).to.equal(3);
    expect(memory.shelf.counts).to.include({ slots: 1, evicted: 2 });
  });
});

describe('memory that keeps nothing', () => {
  beforeEach(async () => {
    await append(store, HAMLET, [opened()]);
    await append(store, HAMLET, held('hamlet.1', A1));
    await begin({ maxBytes: 0 });
  });

  it('does not go back behind what a stream has told, though views that are farther than the feed have less', async () => {
    const atFirst = await store.headPosition();
    await append(store, HAMLET, held('hamlet.2', A2));
    // These lack what the feed has handed over, so the stream is read, and has the second booking already.
    rows.standAt(1);
    expect((await memory.slot('hamlet')).version).to.equal(5);

    rows.standAt(atFirst);
    expect((await memory.slot('hamlet')).version).to.equal(5);
  });

  it('does not go back behind what views have told', async () => {
    const atFirst = await store.headPosition();
    await append(store, HAMLET, held('hamlet.2', A2));
    expect((await memory.slot('hamlet')).version).to.equal(5);

    rows.standAt(atFirst);
    expect((await memory.slot('hamlet')).version).to.equal(5);
  });
});

describe('an event that cannot be folded', () => {
  const poison = { type: 'UnitsWithdrawn', units: [{ unitId: 'nowhere', quantity: 1 }], reason: null } as const;

  beforeEach(async () => {
    await append(store, HAMLET, [opened()]);
    await append(store, 'slot-other', [opened({ slotId: 'other' })]);
    await begin();
    await memory.slot('hamlet');
    await memory.slot('other');
  });

  it('costs its own slot its place in memory, and no other slot anything', async () => {
    rows.standAt(2);
    await append(store, HAMLET, [poison]);
    await append(store, 'slot-other', held('other.1', A1));
    await memory.feed();

    expect(memory.shelf.get('hamlet')).to.equal(undefined);
    expect(memory.shelf.get('other')?.version).to.equal(3);
    expect(await rejectionOf(memory.shelf.fill('hamlet', 0))).to.be.an.instanceOf(PoisonEventError);
  });
});

describe('the units of a slot in memory', () => {
  it('are made anew where something was claimed, and are the same objects everywhere else', async () => {
    const store = createMemoryEventStore({ now: () => NOW });
    await append(store, HAMLET, [opened({ units: seats(3) }), ...held('hamlet.1', [claim('A1')])]);
    const memory = await fedShelf(store, scriptedRows(store), { now: NOW });
    const kept = await memory.slot('hamlet');
    const now = () => kept.unitsOf(kept.rows as SlotRows, true);
    const bytes = kept.bytes;
    const before = now();
    expect(kept.bytes).to.equal(bytes + 3 * 220 + 330);

    await append(store, HAMLET, [...held('hamlet.2', [claim('A2')]), cancelled('hamlet.1', [claim('A1')])]);
    await memory.feed();

    const after = now();
    expect(before.map(({ claims }) => claims.length)).to.deep.equal([1, 0, 0]);
    expect(after.map(({ claims }) => claims.length)).to.deep.equal([0, 1, 0]);
    expect(after.map((unit, place) => unit === before[place])).to.deep.equal([false, false, true]);
    expect(now()).to.equal(after);
  });
});

describe('a fleet in memory', () => {
  it('lets go of claims that ended more than a day ago', async () => {
    const store = createMemoryEventStore({ now: () => clock });
    let clock = NOW;
    const rental = (from: number, unitId = 'car') => claim(unitId, { from, to: from + HOUR });
    await append(store, HAMLET, [
      opened({ axis: { type: 'time', bufferMinutes: 0 }, units: [seat('car'), seat('van')] }),
      ...held('hamlet.1', [rental(NOW)]),
      ...held('hamlet.2', [rental(NOW + 30 * HOUR)]),
    ]);
    const memory = await fedShelf(store, scriptedRows(store), { now: NOW });
    const kept = await memory.slot('hamlet');
    expect([...(kept.rows?.claims ?? [])]).to.have.length(2);
    expect(kept.unitsOf(kept.rows as SlotRows, true)[0]?.claims).to.have.length(2);
    clock = NOW + 26 * HOUR;
    await append(store, HAMLET, [seatsHeld('hamlet.3', [rental(NOW + 50 * HOUR, 'van')])]);
    await memory.feed();

    expect([...(kept.rows?.claims ?? [])].map(({ bookingId }) => bookingId)).to.deep.equal(['hamlet.2', 'hamlet.3']);
    expect(kept.unitsOf(kept.rows as SlotRows, true)[0]?.claims.map(({ occupied }) => occupied.from)).to.deep.equal([NOW + 30 * HOUR]);
    expect(kept.claimsFrom).to.equal(NOW + 2 * HOUR);
  });
});
