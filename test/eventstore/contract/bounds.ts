import { expect } from 'chai';
import { MAX_APPEND_BYTES, MAX_EVENT_BYTES, type StreamAppend } from '../../../src/eventstore/event-store.ts';
import { newEvent, newEvents, newStream } from '../../support/stored-events.ts';
import type { GetStore } from './store-in-test.ts';

const BIGGEST = newEvent({ data: 'ü'.repeat(MAX_EVENT_BYTES / 2 - 1), metadata: '{}' });

const REFUSED: readonly (readonly [what: string, parts: () => StreamAppend[]])[] = [
  ['of no stream', () => []],
  ['of no event', () => [{ streamId: newStream(), expectedVersion: 0, events: [] }]],
  ['that names a stream twice', () => Array(2).fill({ streamId: 'slot-twice', expectedVersion: 0, events: newEvents(1) })],
  ['with an event over its bound', () => partOf(newEvent({ data: BIGGEST.data, metadata: '{ }' }))],
  ['over the bound of an append', () => partOf({ ...BIGGEST }, newEvent({ data: BIGGEST.data, metadata: '{}' }), newEvent())],
  ['with an event id in capital letters', () => partOf(newEvent({ eventId: 'B5A6F3B4-9A1B-4F0E-8C8E-0B1A6C1F2D3E' }))],
  ['with a zero character', () => partOf(newEvent({ data: '"\0"' }))],
  ['with half a surrogate pair', () => partOf(newEvent({ metadata: '"\ud83c"' }))],
  ['with a negative version', () => [{ streamId: newStream(), expectedVersion: -1, events: newEvents(1) }]],
];

function partOf(...events: StreamAppend['events']): StreamAppend[] {
  return [{ streamId: newStream(), expectedVersion: 0, events }];
}

export function describeBounds(getStore: GetStore): void {
  describe('an append', () => {
    for (const [what, makeParts] of REFUSED) {
      it(`${what} is refused with a RangeError, and nothing is written`, async () => {
        const head = await getStore().headPosition();

        const thrown = await getStore()
          .append(makeParts())
          .catch((error: unknown) => error);

        expect(thrown).to.be.instanceOf(RangeError);
        expect(await getStore().headPosition()).to.equal(head);
      });
    }

    it('of exactly the greatest size is written', async () => {
      const events = [BIGGEST, { ...BIGGEST, eventId: newEvent().eventId }];
      expect(2 * MAX_EVENT_BYTES).to.equal(MAX_APPEND_BYTES);

      const [part] = partOf(...events);
      expect((await getStore().append([part!])).kind).to.equal('appended');
      expect((await getStore().readStream(part!.streamId, 2, 1))[0]!.data).to.equal(BIGGEST.data);
    });
  });
}
