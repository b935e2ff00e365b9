import { expect } from 'chai';
import { packText } from '../../src/commands/packed-snapshot.ts';
import { SlotLoader } from '../../src/commands/slot-loader.ts';
import { SNAPSHOT_SCHEMA, type StoredState, snapshotPieces } from '../../src/domain/slot/snapshot.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { UnreadableEventError } from '../../src/eventstore/slot-replay.ts';
import { acceptedOf, commandSide, rejectionOf } from '../support/command-side.ts';
import { appendRaw, recorded } from '../support/read-side.ts';
import { book, NOW } from '../support/slot-builders.ts';

const HAMLET = 'slot-hamlet';

describe('loading a slot', () => {
  let store: EventStore;
  let loader: SlotLoader;

  beforeEach(async () => {
    store = createMemoryEventStore({ now: () => NOW });
    loader = new SlotLoader(store, new LayoutReader(store));
    const commands = commandSide(store);
    await commands.open('hamlet');
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
  });

  describe('with an event that cannot be read', () => {
    beforeEach(() => appendRaw(store, HAMLET, [{ ...recorded({ type: 'SlotClosed', reason: null }), schemaVersion: 99 }]));

    it('shows it as of all versions before', async () => {
      const seen: unknown[] = [];

      await loader.replayTo('hamlet', 3, ({ state, position }) => seen.push([state.version, position]));

      expect(seen).to.deep.equal([1, 2, 3].map((version) => [version, version]));
    });

    it('names the event otherwise', async () => {
      for (const loading of [loader.load('hamlet'), loader.replayTo('hamlet', 4, () => {})]) {
        const error = await rejectionOf(loading);
        expect(error).to.be.instanceOf(UnreadableEventError);
        expect(error.message).to.match(/^event SlotClosed at version 4 of slot-hamlet \(position 4\) cannot be read: /);
      }
    });
  });

  describe('with a snapshot', () => {
    let text: string;

    beforeEach(async () => {
      text = [...snapshotPieces((await loader.load('hamlet')).state)].join('');
    });

    async function keep(state: Buffer): Promise<void> {
      const [last] = await store.readStream(HAMLET, 3, 1);
      await store.writeSnapshot({ streamId: HAMLET, version: 3, schemaVersion: SNAPSHOT_SCHEMA, hash: String(last?.hash), state });
    }

    async function expectLoadedFrom(snapshotVersion: number): Promise<void> {
      const slot = await loader.load('hamlet');
      expect(slot).to.include({ position: 3, snapshotVersion });
      expect([...snapshotPieces(slot.state)].join('')).to.equal(text);
    }

    it('begins with it', async () => {
      await keep(await packText([text]));
      await expectLoadedFrom(3);
    });

    it('reads the stream instead when it is not packed', async () => {
      await keep(Buffer.from(text));
      await expectLoadedFrom(0);
    });

    it('reads the stream instead when it lost its end', async () => {
      await keep((await packText([text])).subarray(0, -1));
      await expectLoadedFrom(0);
    });

    it('reads the stream instead when a bit of it changed', async () => {
      const packed = await packText([text]);
      packed.writeUInt8(packed.readUInt8(packed.length >> 1) ^ 1, packed.length >> 1);
      await keep(packed);
      await expectLoadedFrom(0);
    });

    const spoilt = (change: (state: Record<keyof StoredState, unknown>) => void) => () => {
      const state = JSON.parse(text) as Record<keyof StoredState, unknown>;
      change(state);
      return JSON.stringify(state);
    };
    const lacking = (name: keyof StoredState) =>
      spoilt((state) => {
        delete (state as Partial<typeof state>)[name];
      });
    for (const [what, spoil] of [
      ['is cut off', () => text.slice(0, -1)],
      ['is no object', () => 'null'],
      ['lacks the bookings', lacking('bookings')],
      ['lacks the withdrawn units', lacking('withdrawn')],
      ['lacks the head', lacking('head')],
      ['lacks the time of the last event', lacking('lastEventAt')],
      ['is of another version than it says', spoilt((state) => Object.assign(state, { version: 2 }))],
      ['has a booking that is none', spoilt((state) => Object.assign(state, { bookings: [null] }))],
    ] as const) {
      it(`reads the stream instead when it ${what}`, async () => {
        await keep(await packText([spoil()]));
        await expectLoadedFrom(0);
      });
    }
  });
});
