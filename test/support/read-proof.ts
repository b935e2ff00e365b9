import type { LoggedEvent } from './log-proof.ts';

/** Questions about a slot whose answers can be told from the log. */
export type SlotQuestion = 'seats' | 'availability' | 'slot';

/** Of a unit, or of several taken together. What is neither held nor sold is free: nothing is blocked here. */
interface Taken {
  readonly category: string;
  readonly capacity: number;
  held: number;
  sold: number;
}

interface SlotAnswer {
  readonly slotId: string;
  readonly version: number;
  readonly units?: readonly ({ readonly unitId: string; readonly status: string } & Partial<Record<'held' | 'sold' | 'free', number>>)[];
  readonly categories?: readonly { readonly category: string; readonly capacity: number; readonly free: number }[];
  readonly counts?: Readonly<Record<'capacity' | 'free' | 'held' | 'sold', number>>;
}

/**
 * Keeps what was answered about slots whose units are sold as a whole, and holds every answer against the
 * log: it must be what a ledger of its own, which shares nothing with the product, makes of the slot's
 * stream up to the version that the answer names.
 */
export class ReadProof {
  /** Answers that were given for one version of one slot and differ; or were never possible. */
  readonly contradictions: string[] = [];
  private readonly told = new Map<string, string>();

  /** Different answers so far, however often each was given. */
  get size(): number {
    return this.told.size;
  }

  add(question: SlotQuestion, answer: SlotAnswer): void {
    const about = `${answer.slotId} v${answer.version} ${question}`;
    const says = SAID[question](answer);
    const known = this.told.get(about);
    if (known === undefined) this.told.set(about, says);
    else if (known !== says) this.contradictions.push(`${about}: ${says}, and before that ${known}`);
  }

  /** @returns the answers that the log does not bear out, in words; empty is the proof. */
  faults(events: readonly LoggedEvent[]): readonly string[] {
    const faults = [...this.contradictions];
    const open = new Map(this.told);
    const slots = new Map<string, Map<string, Taken>>();
    for (const event of events) {
      if (!event.streamId.startsWith('slot-')) continue;
      const slotId = event.streamId.slice('slot-'.length);
      const units = slots.get(slotId) ?? slots.set(slotId, new Map()).get(slotId)!;
      move(units, event);
      for (const question of ['seats', 'availability', 'slot'] as const) {
        const about = `${slotId} v${event.version} ${question}`;
        const says = open.get(about);
        if (!open.delete(about)) continue;
        const is = SAID[question](answerOf(slotId, event.version, units));
        if (says !== is) faults.push(`${about}: ${says}, where the log has ${is}`);
      }
    }
    return [...faults, ...[...open.keys()].map((about) => `${about}: there is no such version`)];
  }
}

const SAID: Readonly<Record<SlotQuestion, (answer: SlotAnswer) => string>> = {
  seats: ({ units = [] }) =>
    units.map(({ unitId, status, held, sold, free }) => (free === undefined ? status[0] : `${unitId}:${free}/${held}/${sold}`)).join(' '),
  availability: ({ categories = [] }) => categories.map(({ category, capacity, free }) => `${category}:${free} of ${capacity}`).join(' '),
  slot: ({ counts }) => `${counts?.free}/${counts?.held}/${counts?.sold} of ${counts?.capacity}`,
};

function answerOf(slotId: string, version: number, taken: ReadonlyMap<string, Taken>): SlotAnswer {
  const units = [...taken].map(([unitId, { capacity, held, sold }]) => {
    const free = capacity - held - sold;
    return capacity === 1 ? { unitId, status: sold > 0 ? 'sold' : held > 0 ? 'held' : 'free' } : { unitId, status: '', held, sold, free };
  });
  const categories = new Map<string, { category: string; capacity: number; free: number }>();
  const counts = { capacity: 0, free: 0, held: 0, sold: 0 };
  for (const { category, capacity, held, sold } of taken.values()) {
    const free = capacity - held - sold;
    const known = categories.get(category) ?? { category, capacity: 0, free: 0 };
    categories.set(category, { category, capacity: known.capacity + capacity, free: known.free + free });
    counts.capacity += capacity;
    counts.free += free;
    counts.held += held;
    counts.sold += sold;
  }
  return { slotId, version, units, categories: [...categories.values()], counts };
}

interface Claim {
  readonly unitId: string;
  readonly quantity: number;
}

/** Takes an event into the ledger. */
function move(units: Map<string, Taken>, { type, data }: LoggedEvent): void {
  const each = (claims: unknown, change: (unit: Taken, quantity: number) => void) => {
    for (const { unitId, quantity } of (claims ?? []) as readonly Claim[]) change(units.get(unitId) as Taken, quantity);
  };
  const hold = (sign: number) => (unit: Taken, quantity: number) => {
    unit.held += sign * quantity;
  };
  switch (type) {
    case 'SlotOpened':
    case 'UnitsAdded':
      for (const { unitId, category, capacity = 1 } of data.units as readonly { unitId: string; category: string; capacity?: number }[])
        units.set(unitId, { category, capacity, held: 0, sold: 0 });
      break;
    case 'SeatsHeld':
      each(data.claims, hold(1));
      break;
    case 'BookingConfirmed':
      each(data.released, hold(-1));
      each(data.claims, (unit, quantity) => {
        unit.held -= quantity;
        unit.sold += quantity;
      });
      break;
    case 'SeatsReleased':
    case 'BookingCancelled':
      each(data.claims, (unit, quantity) => {
        if (data.previousStatus === 'CONFIRMED') unit.sold -= quantity;
        else unit.held -= quantity;
      });
      break;
    case 'BookingExpired':
      each(data.claims, hold(-1));
      break;
  }
}
