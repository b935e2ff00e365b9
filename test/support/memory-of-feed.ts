/** A program: how much the events that a process has just written take in its memory, in a process where nothing else is. */
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import type { UnitQuantity } from '../../src/domain/unit.ts';
import type { RecentFeed } from '../../src/eventstore/postgres/recent-feed.ts';
import { acceptedOf, type CommandSide, commandSide, keyed } from './command-side.ts';
import { heapInUse } from './heap-in-use.ts';
import { NOW, openSlot, POLICY, seats } from './slot-builders.ts';
import { type UnkeptLog, unkeptLog } from './unkept-log.ts';

const ROUNDS_A_SLOT = 40;
/** What is compiled, and made once, is there after so many. */
const EVENTS_BEFORE = 500;

const [kind = 'booked', unitsAtOnce = '1', events = '1000'] = process.argv.slice(2);
const count = Number(unitsAtOnce);
const hall = seats(Math.max(500, count));
await fill(
  unkeptLog(() => NOW),
  EVENTS_BEFORE,
);
const before = heapInUse();
const log = unkeptLog(() => NOW);
await fill(log, Number(events));
const taken = heapInUse() - before;
// Or else what was measured is not in use any more.
const kept = log.written - oldestOf(log.recent) + 1;
process.stdout.write(JSON.stringify({ taken, kept, added: Number(events) }));

function oldestOf(recent: RecentFeed): number {
  let position = 1;
  while (recent.after(position - 1, 1).length === 0) position += 1;
  return position;
}

/** Events by the real rules, each of so many units; written as they are into PostgreSQL. What decided them is gone afterwards. */
async function fill(into: UnkeptLog, enough: number): Promise<void> {
  for (let slot = 1; into.written < enough; slot += 1) await use(commandSide(into), `slot-${slot}`);
}

async function use(commands: CommandSide, slotId: string): Promise<void> {
  let keys = 0;
  const run = async (command: SlotCommand) => {
    keys += 1;
    // As it comes from a request, whose texts nobody else has.
    const asked = JSON.parse(JSON.stringify(command)) as SlotCommand;
    acceptedOf(await commands.execute(slotId, asked, keyed(`${slotId}-key-${keys}`, 'a'.repeat(64))));
  };
  await run(openSlot({ slotId, units: hall, policy: { ...POLICY, maxUnitsPerBooking: hall.length } }));
  for (let round = 0; round < ROUNDS_A_SLOT; round += 1) {
    const first = (round * count) % (hall.length - count + 1);
    const units = hall.slice(first, first + count).map(({ unitId }) => ({ unitId, quantity: 1 }));
    const [begin, end] = kind === 'blocked' ? blockAndUnblock(units) : bookAndCancel(`${slotId}.${round}`, units, round % 2 === 0);
    await run(begin);
    await run(end);
  }
}

function blockAndUnblock(units: readonly UnitQuantity[]): [SlotCommand, SlotCommand] {
  return [
    { type: 'BlockUnits', units, span: null, reason: 'kept for the house' },
    { type: 'UnblockUnits', units, span: null, reason: null },
  ];
}

function bookAndCancel(bookingId: string, units: readonly UnitQuantity[], paid: boolean): [SlotCommand, SlotCommand] {
  const confirm = paid ? { paymentReference: `paid-${bookingId}` } : null;
  const nothingMore = { span: null, expectedTotal: null, reference: null, metadata: {} };
  return [
    {
      type: 'RequestBooking',
      bookingId,
      customerId: `customer-${bookingId}`,
      selection: { kind: 'units', units },
      ...nothingMore,
      confirm,
    },
    { type: 'CancelBooking', bookingId, units: null, reason: null },
  ];
}
