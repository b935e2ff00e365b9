/** A program: how much the states of slots take that are booked in one after another, in a process where nothing else is. */
import { HALL, KINDS, type Kind, SLOT, storyOf } from '../../bench/plans/stories.ts';
import type { RequestBooking } from '../../src/domain/slot/commands.ts';
import { type DomainEvent, encodeEvent, encodeMetadata } from '../../src/eventstore/catalogue/codec.ts';
import type { EventStore, RecordedEvent, StreamAppend } from '../../src/eventstore/event-store.ts';
import { streamOfLayout, streamOfSlot } from '../../src/eventstore/streams.ts';
import { acceptedOf, commandSide, keyed } from './command-side.ts';
import { heapInUse } from './heap-in-use.ts';
import { waitUntil } from './wait-until.ts';

const MIB = 2 ** 20;
/** What the states may take. */
const BOUND = 12 * MIB;
/** What counting roughly may miss, and what else the process has in hand. */
const ALLOWANCE = 1.3;
const BESIDE = 4 * MIB;
/** What layouts take that are kept for the next slot. */
const LAYOUTS_BESIDE = 40 * MIB;
/** Seats that a large hall has beyond those of the story. */
const MORE_SEATS = 5_000;
const SEATS_OF_ROW = 40;
const CARS = 180;
const NOW = Date.UTC(2027, 0, 4);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const [category = '', count = '', variant = ''] = process.argv.slice(2);
const ownHalls = variant === 'own-halls';
/** What an operator did to each slot after it was opened, when nothing else has happened to it yet. */
const deeds: Readonly<Record<string, readonly DomainEvent[]>> = {
  'priced-anew': [{ type: 'UnitsChanged', changes: [{ unitId: 'far-0', category: 'gold', price: 1 }] }],
  'without-a-seat': [{ type: 'UnitsWithdrawn', units: [{ unitId: 'far-0', quantity: 1 }], reason: null }],
  'large-fleets': [
    {
      type: 'UnitsAdded',
      units: Array.from({ length: CARS }, (_, car) => ({ unitId: `${SLOT}-car-${car}`, category: 'car', price: 900 })),
    },
  ],
};
const deed = deeds[variant];
const largeHalls = ownHalls || (category === 'theatre' && deed !== undefined);
const kind = KINDS.find((one) => one.category === category);
if (kind === undefined) throw new Error(`there are no slots like a "${category}"`);
const commands = commandSide(storeOfSlots(kind), { maxCachedBytes: BOUND });
const before = heapInUse();
const book = async (slotId: string): Promise<void> =>
  void acceptedOf(await commands.execute(slotId, oneMore(kind, slotId), keyed(`key-${slotId}`, 'a'.repeat(64))));
for (let number = 1; number <= Number(count); number += 1) await book(`${category}${number}`);
let taken = 0;
// Those that were let go are really gone once their timers are.
await waitUntil('the states are within their bound', async () => {
  await new Promise((resolve) => setImmediate(resolve));
  taken = heapInUse() - before;
  return taken < ALLOWANCE * BOUND + BESIDE + (ownHalls ? LAYOUTS_BESIDE : 0);
});
// Or else what was measured is not in use any more.
await book(`${category}${count}`);
process.stdout.write(JSON.stringify({ taken, bound: BOUND }));

/** Every slot that it is asked for has had the same bookings; what is appended is not kept. */
function storeOfSlots(kind: Kind): EventStore {
  const lived = storyOf(kind, 'with-holds', 1).map(({ event, at }) => recorded(event, at));
  const story = deed === undefined ? lived : [...lived.slice(0, 1), ...deed.map((event) => recorded(event, 0))];
  const { layoutId, name } = HALL;
  const more = Array.from({ length: largeHalls ? MORE_SEATS : 0 }, (_, seat) => {
    const place = { row: `far-${Math.floor(seat / SEATS_OF_ROW)}`, number: String(seat % SEATS_OF_ROW) };
    return { unitId: `far-${seat}`, category: 'gold', price: 4_500, ...place };
  });
  const units = [...HALL.units, ...more];
  const layout = [
    recorded({ type: 'LayoutDefined', layoutId, name, unitCount: units.length }, 0),
    recorded({ type: 'LayoutUnitsAdded', layoutId, units }, 0),
    recorded({ type: 'LayoutCompleted', layoutId }, 0),
  ];
  const told = (data: string, slotId: string) =>
    (ownHalls ? data.replace(`"layoutId":"${layoutId}"`, `"layoutId":"${layoutId}-${slotId}"`) : data).replaceAll(SLOT, slotId);
  let position = 0;
  const store: Pick<EventStore, 'readStream' | 'readSnapshot' | 'writeSnapshot' | 'append' | 'now'> = {
    readStream: async (streamId, from, limit) => {
      const slotId = streamId.slice(streamOfSlot('').length);
      return (streamId.startsWith(streamOfLayout('')) ? layout : story)
        .slice(from - 1, from - 1 + limit)
        .map((event, index) => ({ ...event, streamId, version: from + index, data: told(event.data, slotId) }));
    },
    readSnapshot: async () => null,
    writeSnapshot: async () => undefined,
    append: async (parts: readonly StreamAppend[]) => {
      position += 1;
      const versions = Object.fromEntries(
        parts.map(({ streamId, expectedVersion, events }) => [streamId, expectedVersion + events.length]),
      );
      return { kind: 'appended', position, versions };
    },
    now: () => NOW,
  };
  return store as EventStore;
}

function recorded(event: DomainEvent, at: number): RecordedEvent {
  const origin = { actor: 'test', commandId: null, commandHash: null, correlationId: 'c', causationId: null };
  const place = { streamId: '', version: 0, position: 1, recordedAt: at, eventId: '', hash: '', previousHash: '' };
  return { ...encodeEvent(event), metadata: encodeMetadata({ at, ...origin }), ...place };
}

/** A booking that looks for a place, so that what a state has for choosing counts too. */
function oneMore({ category }: Kind, slotId: string): RequestBooking {
  const best = { kind: 'bestAvailable', quantity: 1, category: null, adjacent: null, accessible: 0 } as const;
  const span = {
    theatre: null,
    bus: { fromStop: 'stop-0', toStop: 'stop-1' },
    vehicle: { from: NOW + 30 * DAY, to: NOW + 30 * DAY + HOUR },
  }[category];
  return {
    type: 'RequestBooking',
    bookingId: `${slotId}.new`,
    customerId: 'c-1',
    selection: category === 'vehicle' ? { kind: 'units', units: [{ unitId: 'van-1', quantity: 1 }] } : best,
    span: span ?? null,
    expectedTotal: null,
    reference: null,
    metadata: {},
    confirm: null,
  };
}
