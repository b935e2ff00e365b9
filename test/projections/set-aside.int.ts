import { expect } from 'chai';
import type { DomainEvent } from '../../src/eventstore/catalogue/codec.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { BuildRefusedError } from '../../src/projections/builds/operations.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { append, appendRaw, RELEASES, recorded } from '../support/read-side.ts';
import { openRebuiltSide, type RebuiltSide } from '../support/rebuilt-side.ts';
import { claim, held, opened } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const BOUND_MS = 20_000;
const NAME = inventory.name;

describe('a read model that stopped at an event', function () {
  this.timeout(3 * BOUND_MS);
  let database: TestDatabase;
  let side: RebuiltSide;
  let poison: number;

  beforeEach(async () => {
    database = await createTestDatabase();
    side = await openRebuiltSide(database.connectionString, BOUND_MS, RELEASES);
    poison = (await append(side.store, 'slot-hamlet', [opened()])) + 1;
    const unknown = { unitId: 'Z9', category: 'gold', price: 1 };
    await append(side.store, 'slot-hamlet', [{ type: 'UnitsChanged', changes: [unknown] }, ...held('hamlet.1', [claim('A1')])]);
    side.runner.start();
    await stopped(1);
    await side.untilLiveHasAll(bookings.name);
  });
  afterEach(async () => {
    await side.close();
    await database.drop();
  });

  async function stopped(build: number): Promise<void> {
    await waitUntil(`build ${build} stopped`, async () => ((await side.build(NAME, build))?.failure ?? null) !== null, BOUND_MS);
  }

  async function rowsOf(build: number): Promise<unknown> {
    return (await side.pool.query(`SELECT version::int, free::int, held::int FROM holdfast_inventory_b${build}.slots`)).rows;
  }

  it('goes on behind it when it is set aside, and that is on record', async () => {
    const before = await side.build(NAME, 1);
    expect(before?.failure).to.deep.include({ event: { ...before?.failure?.event, position: poison, type: 'UnitsChanged' } });
    expect(before?.position, 'everything before it was kept').to.equal(poison - 1);

    await side.operations.skip(NAME, poison, 'anna', 'unit Z9 never existed');

    await side.untilLiveHasAll(NAME);
    expect(await rowsOf(1)).to.deep.equal([{ version: 4, free: 13, held: 1 }]);
    const { rows } = await side.pool.query(
      'SELECT name, build, position::int, type, stream_id, error, reason, actor FROM holdfast.skipped_events',
    );
    expect(rows).to.deep.equal([
      {
        name: NAME,
        build: 1,
        position: poison,
        type: 'UnitsChanged',
        stream_id: 'slot-hamlet',
        error: before?.failure?.error,
        reason: 'unit Z9 never existed',
        actor: 'anna',
      },
    ]);
    expect(await side.build(NAME, 1)).to.deep.include({ failure: null, skipped: 1 });
    expect((await side.build(bookings.name, 1))?.skipped).to.equal(0);
  });

  it('lets no other event be set aside', async () => {
    const thrown = await side.operations.skip(NAME, poison + 1, 'anna', 'in passing').catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(BuildRefusedError);
    expect((await side.pool.query('SELECT 1 FROM holdfast.skipped_events')).rows).to.deep.equal([]);
  });

  it('tries it once more when it is told to, and stops again where nothing has changed', async () => {
    const before = await side.build(NAME, 1);
    await side.operations.retry(NAME, 'anna');
    await waitUntil('it stopped again', async () => {
      const now = await side.build(NAME, 1);
      return now?.failure != null && now.resumptions > (before?.resumptions ?? 0);
    });
    expect((await side.build(NAME, 1))?.failure).to.deep.equal(before?.failure);
  });

  it('stops at it again when it is rebuilt: what is set aside is so for one build', async () => {
    await side.operations.skip(NAME, poison, 'anna', 'unit Z9 never existed');
    await side.untilLiveHasAll(NAME);
    const { build } = await side.operations.rebuild(NAME, 'anna');
    await stopped(build);
    expect((await side.build(NAME, build))?.failure?.event.position).to.equal(poison);
    await side.operations.skip(NAME, poison, 'anna', 'as before');
    const made = await side.untilIn('caught-up', NAME, build);
    expect(made.comparison).to.deep.include({ verdict: 'equal' });
    expect(await rowsOf(build)).to.deep.equal(await rowsOf(1));
  });
});

describe('a rebuild of a long log that comes upon an event it cannot fold', function () {
  this.timeout(6 * BOUND_MS);
  /** Three events each: more than are brought up in ordinary batches. */
  const SHOWS = 1_000;
  let database: TestDatabase;
  let side: RebuiltSide;

  const unknown = { unitId: 'Z9', category: 'gold', price: 1 };
  const changed = recorded({ type: 'UnitsChanged', changes: [unknown] });

  beforeEach(async () => {
    database = await createTestDatabase();
    side = await openRebuiltSide(database.connectionString, BOUND_MS, RELEASES);
  });
  afterEach(async () => {
    await side.close();
    await database.drop();
  });

  const [, seatsHeld] = held('show-7.2', [claim('A2')]);
  const neverEnding = recorded({ ...seatsHeld, expiresAt: 'never' } as unknown as DomainEvent);

  async function open(from: number, to: number): Promise<void> {
    const slotIds = Array.from({ length: to - from }, (_, index) => `show-${from + index}`);
    await Promise.all(
      slotIds.map((slotId) => append(side.store, `slot-${slotId}`, [opened({ slotId }), ...held(`${slotId}.1`, [claim('A1')])])),
    );
  }

  for (const [kind, event] of [
    ['changes what never was', changed],
    ['is no JSON', { ...changed, data: '{"changes":' }],
    ['has a value that no row can take', neverEnding],
  ] as const) {
    it(`keeps everything before one that ${kind}, says which it was, and goes on behind it when it is set aside`, async () => {
      const { store, operations } = side;
      await open(0, SHOWS / 2);
      const poison = await appendRaw(store, 'slot-show-7', [event]);
      await open(SHOWS / 2, SHOWS);
      side.runner.start();
      const stopped = async (build: number) => {
        await waitUntil(`build ${build} stopped`, async () => ((await side.build(NAME, build))?.failure ?? null) !== null, BOUND_MS);
        const { position, failure } = (await side.build(NAME, build)) ?? {};
        expect([position, failure?.event.position]).to.deep.equal([poison - 1, poison]);
        expect(failure?.event, 'nothing that may be personal').to.have.all.keys('position', 'eventId', 'type', 'streamId');
        await operations.skip(NAME, poison, 'test', 'it was written by hand');
      };
      await stopped(1);
      await side.untilLiveHasAll(NAME);

      const { build } = await operations.rebuild(NAME, 'test');
      await stopped(build);

      const made = await side.untilIn('caught-up', NAME, build);
      expect(made.comparison).to.deep.include({ verdict: 'equal', position: await store.headPosition() });
    });
  }

  for (const [kind, unreadable] of [
    ['data', { data: '{' }],
    ['metadata', { metadata: 'null' }],
  ] as const) {
    it(`passes one at the very end that it does not fold, whose ${kind} cannot be read`, async () => {
      await open(0, SHOWS);
      side.runner.start();
      await side.untilLiveHasAll(NAME);
      const head = await appendRaw(side.store, 'another-stream', [{ ...changed, ...unreadable, type: 'SomethingElse' }]);

      const { build } = await side.operations.rebuild(NAME, 'test');
      const made = await side.untilIn('caught-up', NAME, build);
      expect(made.comparison).to.deep.include({ verdict: 'equal', position: head });
    });
  }
});
