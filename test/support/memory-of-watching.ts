/** A program: what a process needs in memory while a slot is watched through one rush after another; everything but HTTP and the database is real. */
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { liveText, pointAt } from '../../src/http/live-text.ts';
import { decodePosition } from '../../src/http/position.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { FeedFollower } from '../../src/projections/memory/feed-follower.ts';
import { LiveHub } from '../../src/queries/live/live-hub.ts';
import type { LiveSink, LiveWatch } from '../../src/queries/live/live-maps.ts';
import { createMemoryQueries } from '../../src/queries/memory/memory-queries.ts';
import { SlotShelf } from '../../src/queries/memory/slot-shelf.ts';
import type { Queries } from '../../src/queries/queries.ts';
import { acceptedOf, commandSide, keyed } from './command-side.ts';
import { heapInUse } from './heap-in-use.ts';
import { HOUR, NOW, openSlot, POLICY, seats } from './slot-builders.ts';
import { unkeptLog } from './unkept-log.ts';
import { waitUntil } from './wait-until.ts';

const SLOT = 'hamlet';
const SEATS = 500;
/** Seats of a booking, and how many bookings there are at a time. */
const BOOKED_AT_ONCE = 100;
const BOOKINGS = 3;
/** Bookings between two looks at the slot, such that most seats are not as they were, and looks in a rush. */
const CHANGES = 12;
const LOOKS = 12;
const RUSHES = 3;
/** One in so many reads only every so many looks; and one in so many is cut off at each look. */
const SLOW = 10;
const CUT = 5;

const [watchers = '200', flaw = ''] = process.argv.slice(2);
/** What is sent, if the flaw is to be that it is kept. */
const hoard: Buffer[] | null = flaw === 'hoards' ? [] : null;
let now = NOW;
const log = unkeptLog(() => now);
const commands = commandSide(log);
const shelf = new SlotShelf({
  store: log,
  source: { load: async () => ({ rows: null, position: 0, projection: inventory, source: 'postgres' }) },
  layouts: new LayoutReader(log),
  log: { warn: (facts) => fail(facts) },
});
const follower = new FeedFollower(log, shelf);
const queries = createMemoryQueries({ next: {} as Queries, shelf, follower, now: () => now });
const hub = new LiveHub({
  queries,
  text: liveText,
  now: () => now,
  position: () => follower.position,
  isFollowing: () => follower.isFollowing,
  isCurrent: () => follower.isCurrent,
  log: { error: (facts) => fail(facts) },
});

/** Keeps nothing of what it is sent but where that leaves it. */
class Client implements LiveSink {
  version = 0;
  bytes = 0;
  reading = true;
  private lastId: string | null = null;
  private watch: LiveWatch | null = null;

  async come(): Promise<void> {
    came += 1;
    const place = this.lastId === null ? null : decodePosition(this.lastId);
    const after = place === null ? null : pointAt(SLOT, place);
    const answer = await hub.open({ slotId: SLOT, span: null, after, atLeast: after?.version ?? 0 });
    if (answer.kind !== 'open') throw new Error(`the slot cannot be watched: ${answer.kind}`);
    this.reading = true;
    this.watch = answer.begin(this);
  }

  leave(): void {
    this.watch?.gone();
  }

  write(bytes: Buffer): boolean {
    this.bytes += bytes.length;
    hoard?.push(bytes);
    const begin = bytes.lastIndexOf('\nid: ');
    if (begin < 0) return true;
    this.lastId = bytes.toString('utf8', begin + 5, bytes.indexOf('\n', begin + 5));
    const place = decodePosition(this.lastId);
    if (place !== null && 'version' in place) this.version = place.version;
    return this.reading;
  }

  end(): void {
    fail('somebody was sent away');
  }

  cut(): void {
    fail('somebody was cut off');
  }

  readOn(): void {
    this.reading = true;
    this.watch?.drained();
  }
}

let booked = 0;
let version = 0;
let looks = 0;
let came = 0;
follower.onTaken((records) => hub.take(records));
follower.start();
await waitUntil('the log is followed', async () => follower.isFollowing);
const far = { startsAt: NOW + 1e6 * HOUR, endsAt: NOW + 1e6 * HOUR + 1 };
await run(openSlot({ slotId: SLOT, units: seats(SEATS), policy: { ...POLICY, maxUnitsPerBooking: SEATS }, ...far }));
// Into memory, while the log still has its opening.
await queries.seats(SLOT, null);
const clients: Client[] = [];
// The feed first, since that takes longest to fill and is the same whoever watches.
while (log.recent.after(0, 1).length > 0) await bookAnother();
for (let number = 0; number < Number(watchers); number += 1) clients.push(new Client());
for (const client of clients) await client.come();
await rush();
const heaps = [heapInUse()];
const before = log.written;
for (let number = 0; number < RUSHES; number += 1) {
  await rush();
  heaps.push(heapInUse());
}
const events = log.written - before;
const sent = clients.reduce((sum, { bytes }) => sum + bytes, 0);
process.stdout.write(JSON.stringify({ heaps, events, sent, came }), () => process.exit(0));

async function rush(): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    for (let change = 0; change < CHANGES; change += 1) await bookAnother();
    await told();
  }
}

/** Waits until everybody who reads has been told; then some of those who do not read on, and others are cut off and come back. */
async function told(): Promise<void> {
  await waitUntil('all are told', async () => {
    await new Promise(setImmediate);
    return clients.every((client) => !client.reading || client.version === version);
  });
  looks += 1;
  for (const [index, client] of clients.entries()) {
    if (index % SLOW === 0) {
      if ((looks + index / SLOW) % SLOW === 0) client.readOn();
      else client.reading = false;
    } else if ((looks + index) % CUT === 0) {
      client.leave();
      await client.come();
    }
  }
}

/** Sells to one what another one gives back. What ended more than a day ago is forgotten. */
async function bookAnother(): Promise<void> {
  if (booked >= BOOKINGS) await run({ type: 'CancelBooking', bookingId: `${SLOT}.${booked - BOOKINGS}`, units: null, reason: null });
  const first = (booked * BOOKED_AT_ONCE) % SEATS;
  const units = Array.from({ length: BOOKED_AT_ONCE }, (_, index) => ({ unitId: `A${first + index + 1}`, quantity: 1 }));
  const bookingId = `${SLOT}.${booked}`;
  const nothingMore = { span: null, expectedTotal: null, reference: null, metadata: {} };
  const confirm = { paymentReference: `paid-${booked}` };
  await run({ type: 'RequestBooking', bookingId, customerId: `c-${booked}`, selection: { kind: 'units', units }, ...nothingMore, confirm });
  booked += 1;
  now += HOUR;
}

async function run(command: SlotCommand): Promise<void> {
  const asked = JSON.parse(JSON.stringify(command)) as SlotCommand;
  version = acceptedOf(await commands.execute(SLOT, asked, keyed(`key-${log.written}`, 'a'.repeat(64)))).place.version;
}

function fail(facts: object | string): never {
  console.error(facts);
  process.exit(1);
}
