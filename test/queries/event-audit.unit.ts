import { expect } from 'chai';
import type { EventStore, NewEvent } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import type { AuditEvent } from '../../src/queries/audit.ts';
import { createAudit } from '../../src/queries/event-audit.ts';
import { appendRaw, recorded } from '../support/read-side.ts';
import { opened } from '../support/slot-builders.ts';

const CLOSED = { type: 'SlotClosed', reason: 'fog' } as const;

/** The same event as damage or another release would have left it. */
function spoiled(changes: Partial<NewEvent>): NewEvent {
  const { origin: _, ...stored } = recorded(CLOSED);
  return { ...stored, ...changes };
}

describe('an event that this release cannot read', () => {
  let store: EventStore;

  /** What both lists of the audit show of it; it is followed by one that can be read. */
  async function shown(event: NewEvent, upcast: boolean): Promise<AuditEvent> {
    store = createMemoryEventStore();
    await appendRaw(store, 'slot-hamlet', [recorded(opened()), event, recorded(CLOSED)]);
    const audit = createAudit(store);
    const feed = await audit.events({ after: 0, limit: 10, upcast });
    const stream = await audit.streamEvents('slot-hamlet', 1, 10, upcast);
    expect(feed.items.map(({ type }) => type)).to.deep.equal(['SlotOpened', event.type, 'SlotClosed']);
    expect(stream?.items).to.deep.equal(feed.items);
    return feed.items[1] as AuditEvent;
  }

  for (const upcast of [false, true]) {
    describe(upcast ? 'in a list of newest forms' : 'in a list of what is stored', () => {
      for (const [what, text] of [
        ['no JSON', '{"reason":'],
        ['JSON, but no object', '[1]'],
        ['null', 'null'],
      ] as const) {
        it(`is shown with its stored text when its data are ${what}`, async () => {
          expect(await shown(spoiled({ data: text }), upcast)).to.deep.include({ schemaVersion: 1, data: text });
        });

        it(`is shown with its stored text when its metadata are ${what}`, async () => {
          const event = await shown(spoiled({ metadata: text }), upcast);
          expect(event).to.deep.include({ data: { reason: 'fog' }, metadata: { stored: text } });
        });
      }

      it('is shown as stored when a newer release has stored it', async () => {
        const data = { why: { code: 'fog' } };
        const event = await shown(spoiled({ schemaVersion: 99, data: JSON.stringify(data) }), upcast);
        expect(event).to.deep.include({ schemaVersion: 99, data });
      });

      it('is shown as stored when nobody knows its type', async () => {
        expect(await shown(spoiled({ type: 'SlotFogged', schemaVersion: 3 }), upcast)).to.deep.include({
          schemaVersion: 3,
          data: { reason: 'fog' },
        });
      });
    });
  }
});
