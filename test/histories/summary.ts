import { instant } from './booking-account.ts';
import { type HeadAccount, stretchToCome } from './head-account.ts';
import type { Json } from './history.ts';
import type { SlotAccount } from './slot-account.ts';
import { type Level, total } from './unit-account.ts';

const NOTHING: Level = { held: 0, sold: 0, blocked: 0 };
/** Fields of the description that are told as they are stored. */
const AS_STORED = ['category', 'title', 'venue', 'timeZone', 'currency', 'reference', 'metadata', 'policy', 'layoutId', 'status'] as const;
const INSTANTS = ['startsAt', 'endsAt', 'salesFrom', 'salesUntil'] as const;

/** The slot as the contract says that it is told. On the time axis its counts are as of the moment, which nobody else knows: they are left out. */
export function summaryTold(slot: SlotAccount): Json {
  const head = slot.opened;
  const instants = INSTANTS.map((field) => [field, head[field] === null ? null : instant(head[field])]);
  return {
    slotId: slot.slotId,
    version: slot.version,
    ...Object.fromEntries(AS_STORED.map((field) => [field, head[field]])),
    ...Object.fromEntries(instants),
    ...(head.axis.type === 'time' ? {} : { counts: countsOf(slot, head) }),
  };
}

/** Over all units: free + held + sold + blocked = capacity; on a trip as of its fullest segment, the first of several. */
function countsOf(slot: SlotAccount, head: HeadAccount): Json {
  let capacity = 0;
  for (const unit of slot.units.values()) capacity += unit.capacity;
  const { to: segments } = stretchToCome(head, 0);
  let fullest = NOTHING;
  for (let segment = 0; segment < segments; segment += 1) {
    const level = levelOver(slot, segment);
    if (total(level) > total(fullest)) fullest = level;
  }
  return { capacity, free: capacity - total(fullest), ...fullest };
}

function levelOver(slot: SlotAccount, segment: number): Level {
  const sum = { ...NOTHING };
  for (const unit of slot.units.values()) {
    const [level = NOTHING] = unit.levels(segment, segment + 1);
    sum.held += level.held;
    sum.sold += level.sold;
    sum.blocked += level.blocked;
  }
  return sum;
}
