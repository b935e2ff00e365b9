import type { ClientRequest } from '../history.ts';
import { anySpan } from './slots.ts';
import type { Asker, Surroundings } from './surroundings.ts';

/** Milliseconds between an answer and the next question. */
const BETWEEN = 5;

/** What readers know from what was recorded. */
interface Seen {
  readonly lastPosition: string | null;
  readonly lastBookings: readonly string[];
}

/** Looks at slots and bookings, half of the time naming what was written last. */
export class Reader {
  private readonly world: Surroundings;
  private readonly client: Asker;
  private readonly seen: Seen;

  constructor(world: Surroundings, client: Asker, seen: Seen) {
    this.world = world;
    this.client = client;
    this.seen = seen;
  }

  async live(questions: number): Promise<void> {
    for (let question = 0; question < questions; question += 1) {
      const position = this.world.random.chance(0.5) ? this.seen.lastPosition : null;
      await this.client.insist({ ...this.question(), ...(position === null ? {} : { position }) });
      await this.world.pause(BETWEEN);
    }
  }

  private question(): ClientRequest {
    const { random, slots } = this.world;
    const { lastBookings } = this.seen;
    if (lastBookings.length > 0 && random.chance(0.4)) return { method: 'GET', path: `/bookings/${random.pick(lastBookings)}` };
    const slot = random.pick(slots);
    const span = new URLSearchParams((anySpan(random, slot, this.world.now()) ?? {}) as Record<string, string>);
    const question = random.pick(['', '/seats', '/availability']);
    return { method: 'GET', path: `/slots/${slot.slotId}${question}${question === '' || span.size === 0 ? '' : `?${span}`}` };
  }
}
