import { mock } from 'node:test';
import { expect } from 'chai';
import { packText, unpackText } from '../../src/commands/packed-snapshot.ts';
import { EVENTS_PER_SNAPSHOT } from '../../src/commands/slot-loader.ts';
import { parseSnapshot, SNAPSHOT_SCHEMA } from '../../src/domain/slot/snapshot.ts';
import type { EventStore, Snapshot } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, bookingOf, type CommandSide, commandSide, keyed, refusalOf } from '../support/command-side.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { book, cancel, confirm, NOW, seats } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const UNITS = EVENTS_PER_SNAPSHOT / 2;

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

describe('a slot with a long stream', () => {
  let memory: EventStore;
  let commands: CommandSide;

  beforeEach(async () => {
    memory = createMemoryEventStore({ now: () => NOW });
    commands = commandSide(memory);
    await commands.open('hamlet', { units: seats(UNITS + 10) });
  });

  const bookMany = (side: CommandSide, from: number, to: number, slotId = 'hamlet') =>
    Promise.all(Array.from({ length: to - from }, (_, index) => side.execute(slotId, one(from + index), keyed(`k${from + index}`))));
  const one = (index: number) => book(`b${index}`, [`A${index + 1}`]);

  async function snapshotOf(slotId = 'hamlet'): Promise<Snapshot> {
    let found: Snapshot | null = null;
    await waitUntil('a snapshot is written', async () => {
      await new Promise(setImmediate);
      found = await memory.readSnapshot(`slot-${slotId}`, SNAPSHOT_SCHEMA);
      return found !== null;
    });
    return found as unknown as Snapshot;
  }

  /** Answers of every kind, the same whether they come from a snapshot or from the first event on. */
  async function expectAllKnown(side: CommandSide): Promise<void> {
    expect(refusalOf(await side.ask('hamlet', book('late', ['A1'])))).to.have.property('kind', 'seats-taken');
    const again = acceptedOf(await side.execute('hamlet', book('again', ['A2']), keyed('k1')));
    expect([again.replayed, again.booking?.bookingId, again.booking?.version]).to.deep.equal([true, 'b1', 5]);
    expect(refusalOf(await side.execute('hamlet', book('again', ['A2']), keyed('k1', 'another body')))).to.have.property(
      'kind',
      'idempotency-key-reused',
    );
    expect(bookingOf(await side.ask('hamlet', confirm('b2'))).status).to.equal('CONFIRMED');
    expect(bookingOf(await side.ask('hamlet', cancel('b3'))).status).to.equal('CANCELLED');
    expect(bookingOf(await side.ask('hamlet', book('free', ['A4']))).status).to.equal('HELD');
  }

  /** Lets a second and more go by without anybody wanting the slot. */
  async function rest(work: () => Promise<unknown>): Promise<void> {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await work();
      await turns(5);
      mock.timers.tick(1_500);
    } finally {
      mock.timers.reset();
    }
  }

  /** The same memory; tells of which version each snapshot was that it was given. */
  function countingSnapshots(): { readonly store: EventStore; readonly versions: number[] } {
    const versions: number[] = [];
    const writeSnapshot = (snapshot: Snapshot) => {
      versions.push(snapshot.version);
      return memory.writeSnapshot(snapshot);
    };
    return { store: { ...memory, writeSnapshot }, versions };
  }

  function untilWritten(versions: readonly number[], version: number): Promise<void> {
    return waitUntil('a snapshot is written', async () => {
      await new Promise(setImmediate);
      return versions.includes(version);
    });
  }

  it('gets no snapshot before it has grown by so many events', async () => {
    await commands.open('lear', { units: seats(UNITS + 10) });
    await rest(() => Promise.all([bookMany(commands, 0, UNITS - 1), bookMany(commands, 0, UNITS, 'lear')]));
    await snapshotOf('lear');

    expect(await memory.readSnapshot('slot-hamlet', SNAPSHOT_SCHEMA)).to.equal(null);
  });

  it('gets none while the rush goes on, and one as soon as it is over', async () => {
    const { store, versions } = countingSnapshots();

    await rest(async () => {
      const rushed = commandSide(store);
      await bookMany(rushed, 0, UNITS);
      await turns(5);
      mock.timers.tick(900);
      await rushed.execute('hamlet', one(UNITS), keyed('one more'));
      mock.timers.tick(900);
    });
    await untilWritten(versions, 1 + 2 * (UNITS + 1));

    expect(versions).to.deep.equal([1 + 2 * (UNITS + 1)]);
  });

  it('is written down as it was while everything goes on, the slot included', async () => {
    const { store, versions } = countingSnapshots();
    const side = commandSide(store);

    await rest(async () => {
      await bookMany(side, 0, UNITS);
      await turns(5);
      mock.timers.tick(1_500);
      await side.execute('hamlet', one(UNITS), keyed('one more'));
      expect(versions, 'snapshots before the next booking').to.deep.equal([]);
    });
    await untilWritten(versions, 1 + 2 * UNITS);

    const { state } = await snapshotOf();
    expect(parseSnapshot(await unpackText(state)).bookings).to.have.length(UNITS);
  });

  it('gets one then, of its last event, and is loaded from it and the events since', async () => {
    await bookMany(commands, 0, UNITS);
    const snapshot = await snapshotOf();
    await bookMany(commands, UNITS, UNITS + 5);
    const spied = createFaultyStore(memory);

    await expectAllKnown(commandSide(spied));

    const [last] = await memory.readStream('slot-hamlet', snapshot.version, 1);
    expect(snapshot).to.include({ version: 1 + 2 * UNITS, hash: last?.hash });
    expect(spied.reads.slice(0, 2).map(({ fromVersion }) => fromVersion)).to.deep.equal([snapshot.version, snapshot.version + 1]);
  });

  it('gets the next one after as many events again', async () => {
    await bookMany(commands, 0, UNITS);
    const first = await snapshotOf();
    await Promise.all(Array.from({ length: UNITS }, (_, index) => commands.ask('hamlet', confirm(`b${index}`))));
    await Promise.all(Array.from({ length: UNITS }, (_, index) => commands.ask('hamlet', cancel(`b${index}`))));

    await waitUntil('a newer snapshot is written', async () => (await snapshotOf()).version > first.version);
    await expectSoundSnapshot();
  });

  async function expectSoundSnapshot(): Promise<void> {
    const fromSnapshot = await commandSide(memory).ask('hamlet', book('probe', ['A1', 'A2', 'A3']));
    expect(bookingOf(fromSnapshot).claims).to.have.length(3);
  }

  it('gets one even when no instance sees it grow by so many events', async () => {
    for (let part = 0; part < 4; part += 1) await bookMany(commandSide(memory), (part * UNITS) / 4, ((part + 1) * UNITS) / 4);

    expect((await snapshotOf()).version).to.be.at.least(EVENTS_PER_SNAPSHOT);
  });

  for (const [what, spoil] of [
    ['has the hash of another event', (snapshot: Snapshot) => ({ ...snapshot, hash: '0'.repeat(64) })],
    ['is of a version that the log does not have', (snapshot: Snapshot) => ({ ...snapshot, version: snapshot.version + 1_000 })],
    ['is gone', () => null],
  ] as const) {
    it(`loses nothing when its snapshot ${what}`, async () => {
      await bookMany(commands, 0, UNITS);
      const snapshot = await snapshotOf();
      const text = await unpackText(snapshot.state);
      const misleading = { ...snapshot, state: await packText([text.replaceAll('"HELD"', '"CANCELLED"')]) };
      const spied = createFaultyStore({ ...memory, readSnapshot: async () => spoil(misleading) });

      await expectAllKnown(commandSide(spied));

      expect(spied.reads.map(({ fromVersion }) => fromVersion)).to.include(1);
    });
  }

  it('is on sale even when snapshots cannot be written', async () => {
    let tried = 0;
    const failing = {
      ...memory,
      writeSnapshot: async () => {
        tried += 1;
        throw new Error('planned: no room for snapshots');
      },
    };

    const side = commandSide(failing);
    await rest(() => bookMany(side, 0, UNITS + 5));

    await waitUntil('it was tried', async () => {
      await new Promise(setImmediate);
      return tried > 0;
    });
    expect(tried).to.equal(1);
    expect(bookingOf(await side.ask('hamlet', one(UNITS + 6))).status).to.equal('HELD');
    expect(await memory.readSnapshot('slot-hamlet', SNAPSHOT_SCHEMA)).to.equal(null);
  });
});
