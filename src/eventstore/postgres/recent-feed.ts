import type { RecordedEvent } from '../event-store.ts';

/** Bounds of what is kept: seconds of a rush, while those who follow the log are a fraction of one behind. */
const MAX_EVENTS = 32_768;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The events that this process has just written. Who follows the log in the same process is given them from
 * here: reading them back would cost the database, and the reader, a good part of what writing them did.
 * They are the very events that the log has, once it has them.
 */
export class RecentFeed {
  private readonly events = new Map<number, RecordedEvent>();
  /** The events in the order in which they came, around and around; the oldest one stands at `first`. What is forgotten must be gone from here too. */
  private readonly order: (RecordedEvent | null)[] = [];
  private first = 0;
  private newest = 0;
  private bytes = 0;

  /** Takes events that were committed; of one transaction or several, whose answers may come in any order. */
  add(written: readonly RecordedEvent[]): void {
    for (const event of written) {
      while (this.events.size > 0 && (this.events.size === MAX_EVENTS || this.bytes + weightOf(event) > MAX_BYTES)) this.forgetOldest();
      this.order[(this.first + this.events.size) % MAX_EVENTS] = event;
      this.events.set(event.position, event);
      this.bytes += weightOf(event);
      this.newest = Math.max(this.newest, event.position);
    }
  }

  /**
   * The events right behind the position, at most so many. Empty when there are some among them that somebody
   * else wrote: then the log has more to tell than what is here.
   */
  after(position: number, limit: number): readonly RecordedEvent[] {
    const found: RecordedEvent[] = [];
    for (let next = position + 1; found.length < limit; next += 1) {
      const event = this.events.get(next);
      if (event === undefined) return next > this.newest ? found : [];
      found.push(event);
    }
    return found;
  }

  private forgetOldest(): void {
    const event = this.order[this.first] as RecordedEvent;
    this.order[this.first] = null;
    this.events.delete(event.position);
    this.bytes -= weightOf(event);
    this.first = (this.first + 1) % MAX_EVENTS;
  }
}

/**
 * About what an event takes in memory with what its texts were made of, in bytes. For each character 1.7 were seen where
 * the events of a booking share its claims, 2.2 of bookings of one seat, 3 of blocks of many units.
 */
function weightOf({ data, metadata }: RecordedEvent): number {
  return 300 + 2.5 * (data.length + metadata.length);
}
