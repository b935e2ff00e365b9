import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { BuildRefusedError } from '../../src/projections/builds/operations.ts';
import { announceReader } from '../../src/projections/builds/readers.ts';
import { readCheckpoint } from '../../src/projections/checkpoints.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import type { SlotRow } from '../../src/projections/inventory/tables.ts';
import type { Projection, ProjectionRelease, Row, TableView } from '../../src/projections/projection.ts';
import { type GatedStore, gatedStore } from '../support/gated-store.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, SILENT } from '../support/read-side.ts';
import { openRebuiltSide, type RebuiltSide } from '../support/rebuilt-side.ts';
import { opened } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const BOUND_MS = 20_000;
const NAME = inventory.name;
const INSTANCE = randomUUID();

/** The inventory as a later release makes it: titles in capitals, and nothing else is different. */
const [slots, ...tables] = inventory.tables as readonly [TableView<Row>, ...TableView<Row>[]];
const later: Projection = {
  ...inventory,
  version: inventory.version + 1,
  tables: [
    {
      ...slots,
      evolve: (row, event, key, before) => {
        const evolved = slots.evolve(row, event, key, before) as SlotRow | undefined;
        return evolved === undefined ? undefined : { ...evolved, title: evolved.title.toUpperCase() };
      },
    },
    ...tables,
  ],
};
const BEFORE: readonly ProjectionRelease[] = [{ current: inventory }, { current: bookings }];
const AFTER: readonly ProjectionRelease[] = [{ current: later, previous: inventory }, { current: bookings }];

/** The inventory as a release made it that cannot fold one title. */
const stumbling: Projection = {
  ...inventory,
  tables: [
    {
      ...slots,
      evolve: (row, told, key, before) => {
        if (told.event.type === 'SlotOpened' && told.event.title === 'Macbeth') throw new Error('not this one');
        return slots.evolve(row, told, key, before);
      },
    },
    ...tables,
  ],
};

describe('a release that can fold what stopped the one before it', function () {
  this.timeout(3 * BOUND_MS);
  let database: TestDatabase;
  let stopped: RebuiltSide;
  let mended: RebuiltSide;

  before(async () => {
    database = await createTestDatabase();
    stopped = await openRebuiltSide(database.connectionString, BOUND_MS, [{ current: stumbling }]);
    stopped.runner.start();
    await append(stopped.store, 'slot-macbeth', [opened({ slotId: 'macbeth', title: 'Macbeth' })]);
    await waitUntil('it is stopped by the event', async () => (await stopped.build(NAME, 1))?.failure !== null);
  });
  after(async () => {
    await mended.close();
    await stopped.close();
    await database.drop();
  });

  it('goes over to what it makes, though the live build stands still and cannot be held against it', async () => {
    mended = await openRebuiltSide(database.connectionString, BOUND_MS, [{ current: later, previous: stumbling }]);
    mended.runner.start();
    await waitUntil('it is read', async () => (await mended.build(NAME, 2))?.live === true, BOUND_MS);

    await mended.runner.live.refresh();
    const { schema } = await mended.runner.live.current(inventory);
    const { rows } = await mended.pool.query<{ title: string }>(`SELECT title FROM ${schema}.slots`);
    expect(rows).to.deep.equal([{ title: 'MACBETH' }]);
  });
});

describe('a release with a raised version', function () {
  this.timeout(3 * BOUND_MS);
  let database: TestDatabase;
  let old: RebuiltSide;
  let raised: RebuiltSide;
  let gate: GatedStore;

  before(async () => {
    database = await createTestDatabase();
    old = await openRebuiltSide(database.connectionString, BOUND_MS, BEFORE);
    old.runner.start();
    await append(old.store, 'slot-hamlet', [opened({ title: 'Hamlet' })]);
    for (const { current } of BEFORE) await old.untilLiveHasAll(current.name);
  });
  after(async () => {
    gate.open();
    await raised.close();
    await old.close();
    await database.drop();
  });

  async function titles(side: RebuiltSide): Promise<readonly string[]> {
    const build = await side.runner.live.current(inventory);
    const { rows } = await side.pool.query<{ title: string }>(`SELECT title FROM ${build.schema}.slots ORDER BY slot_id`);
    return rows.map(({ title }) => title);
  }

  /** What an instance of the release before says every few seconds. */
  async function stillRead(): Promise<void> {
    await announceReader(raised.pool, INSTANCE, [{ name: NAME, build: 1 }]);
  }

  it('begins the rebuild by itself, and serves what the release before made, kept up to date', async () => {
    raised = await openRebuiltSide(database.connectionString, BOUND_MS, AFTER, {
      around: (store) => {
        gate = gatedStore(store);
        return gate.store;
      },
    });
    const begun = gate.close();
    raised.runner.start();
    await begun;
    // The old release may be gone by now; what it made is kept up to date by the new one.
    await old.runner.stop();
    await append(raised.store, 'slot-lear', [opened({ slotId: 'lear', title: 'Lear' })]);
    await raised.untilLiveHasAll(NAME);

    expect(await raised.build(NAME, 2)).to.deep.include({ version: later.version, state: 'building', switchWhenCompared: true });
    expect((await raised.runner.live.current(inventory)).projection.version).to.equal(inventory.version);
    expect(await titles(raised)).to.deep.equal(['Hamlet', 'Lear']);
  });

  it('is not switched to by a release that does not have it', async () => {
    const thrown = await old.operations.switchTo(NAME, 'test', { build: 2, despiteDifferences: true }).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(BuildRefusedError);
  });

  it('goes over to what it makes as soon as that has caught up', async () => {
    gate.open();
    await waitUntil('it is read', async () => {
      await stillRead();
      await raised.runner.live.refresh();
      return (await raised.runner.live.current(inventory)).build === 2;
    });

    expect(await titles(raised)).to.deep.equal(['HAMLET', 'LEAR']);
    const { comparison, live } = (await raised.build(NAME, 2)) ?? {};
    expect([comparison?.verdict, live]).to.deep.equal(['different-version', true]);
    expect((await raised.build(bookings.name, 1))?.live, 'what was not raised stays').to.equal(true);
  });

  it('leaves instances of the release before on what they can read, and keeps that up to date', async () => {
    expect((await old.runner.live.current(inventory)).build, 'it does not follow a pointer to what it does not know').to.equal(1);
    const head = await append(raised.store, 'slot-macbeth', [opened({ slotId: 'macbeth', title: 'Macbeth' })]);
    await waitUntil('both have it', async () => {
      await stillRead();
      const positions = await Promise.all([1, 2].map((build) => readCheckpoint(raised.pool, { name: NAME, build })));
      return positions.every((position) => position === head);
    });
    await old.runner.live.refresh();
    expect(await titles(old)).to.deep.equal(['Hamlet', 'Lear', 'Macbeth']);
    expect(await titles(raised)).to.deep.equal(['HAMLET', 'LEAR', 'MACBETH']);
  });
});

describe('a release whose operator has gone back to the build before', function () {
  this.timeout(5 * BOUND_MS);
  let database: TestDatabase;
  let first: RebuiltSide;
  const started: RebuiltSide[] = [];
  const warnings: object[] = [];

  before(async () => {
    database = await createTestDatabase();
    const old = await another(BEFORE);
    await append(old.store, 'slot-hamlet', [opened({ title: 'Hamlet' })]);
    await old.untilLiveHasAll(NAME);
    await old.runner.stop();
    first = await another(AFTER);
    await waitUntil('it is read', async () => (await first.build(NAME, 2))?.live === true, BOUND_MS);
    await first.operations.switchTo(NAME, 'anna', { build: 1 });
  });
  after(async () => {
    for (const side of started) await side.close();
    await database.drop();
  });

  async function another(releases: readonly ProjectionRelease[]): Promise<RebuiltSide> {
    const log = { ...SILENT, warn: (fields: object, message: string) => void warnings.push({ ...fields, message }) };
    const side = await openRebuiltSide(database.connectionString, BOUND_MS, releases, { log });
    started.push(side);
    side.runner.start();
    return side;
  }

  /** Starts another instance of the release, and waits until it has made whatever it takes to be missing. */
  async function oneMore(): Promise<void> {
    const { runner } = await another(AFTER);
    await waitUntil('it knows what is read', async () => {
      await runner.status();
      return runner.live.peek(inventory) !== null;
    });
  }

  it('stays there when another instance starts', async () => {
    await oneMore();
    expect(await first.build(NAME, 3), 'a build that would be switched to').to.equal(undefined);
    expect((await first.build(NAME, 1))?.live).to.equal(true);
    const message = `an older build is read, since somebody went back to it: holdfast projections rebuild ${NAME} --switch goes over`;
    expect(warnings).to.deep.include({ projection: NAME, version: later.version, message });
  });

  it('stays there once the newer build was dropped, too', async () => {
    await waitUntil('nobody reads it', async () => (await first.build(NAME, 2))?.readers === 0);
    await first.operations.drop(NAME, 'anna', 2);
    await oneMore();
    expect(await first.build(NAME, 3)).to.equal(undefined);
    expect((await first.build(NAME, 1))?.live).to.equal(true);
  });

  it('is made anew by a release that cannot read what is live', async () => {
    const last = await openRebuiltSide(database.connectionString, BOUND_MS, [{ current: later }]);
    last.runner.start();
    try {
      await last.untilIn('caught-up', NAME, 3);
      expect((await first.build(NAME, 1))?.live, 'with nothing to hold it against it does not go over').to.equal(true);
    } finally {
      await last.close();
    }
    await first.operations.cancel(NAME, 'anna');
  });

  it('goes to its own version by an explicit word', async () => {
    const { build } = await first.operations.rebuild(NAME, 'anna', true);
    await waitUntil('it is read', async () => (await first.build(NAME, build))?.live === true, BOUND_MS);
  });
});
