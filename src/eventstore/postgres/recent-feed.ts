import type { Following, RecordedEvent } from '../event-store.ts';

/** Bounds of what is kept for those who are behind: seconds of a rush. As a rule they are a fraction of one behind. */
const MAX_EVENTS = 32_768;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The events that this process has just written. Who follows the log in the same process is given them from
 * here: reading them back would cost the database, and the reader, a good part of what writing them did.
 * They are the very events that the log has, once it has them. Once all have been given an event it is forgotten:
 * what lives for milliseconds costs next to nothing to collect, what lives for seconds a good part of a rush.
 */
export class RecentFeed {
  /** Each event at its position modulo the length; nothing is left here of what was forgotten. */
  private readonly ring: (RecordedEvent | null)[] = Array.from({ length: MAX_EVENTS }, () => null);
  /** No event before this position is here. */
  private oldest = 0;
  private newest = 0;
  private bytes = 0;
  private readonly followers = new Set<{ position: number }>();

  /** What is written from now on is kept until this follower had it, within the bounds. Nothing is kept while there is none. */
  follow(): Following {
    const follower = { position: 0 };
    this.followers.add(follower);
    return {
      had: (position) => {
        follower.position = position;
        this.forgetHad();
      },
      end: () => {
        this.followers.delete(follower);
        this.forgetHad();
      },
    };
  }

  /** Takes events that were committed; of one transaction or several, whose answers may come in any order. */
  add(written: readonly RecordedEvent[]): void {
    for (const event of written) {
      this.newest = Math.max(this.newest, event.position);
      while (this.oldest <= this.newest - MAX_EVENTS && this.bytes > 0) this.forgetOldest();
      this.oldest = Math.max(this.oldest, this.newest - MAX_EVENTS + 1);
      if (event.position >= this.oldest) this.put(event);
      while (this.bytes > MAX_BYTES) this.forgetOldest();
    }
    this.forgetHad();
  }

  /**
   * The events right behind the position, at most so many. Empty when there are some among them that somebody
   * else wrote: then the log has more to tell than what is here.
   */
  after(position: number, limit: number): readonly RecordedEvent[] {
    const found: RecordedEvent[] = [];
    const end = Math.min(position + limit, this.newest);
    for (let next = position + 1; next <= end; next += 1) {
      const event = next < this.oldest ? null : this.ring[next % MAX_EVENTS];
      if (event === null || event === undefined) return [];
      found.push(event);
    }
    return found;
  }

  private forgetHad(): void {
    let had = Number.POSITIVE_INFINITY;
    for (const { position } of this.followers) had = Math.min(had, position);
    had = Math.min(had, this.newest);
    while (this.bytes > 0 && this.oldest <= had) this.forgetOldest();
  }

  private put(event: RecordedEvent): void {
    const place = event.position % MAX_EVENTS;
    // A log that was set back under the process has other events where it had some before.
    const before = this.ring[place];
    if (before !== null && before !== undefined) this.bytes -= weightOf(before);
    this.ring[place] = event;
    this.bytes += weightOf(event);
  }

  private forgetOldest(): void {
    const place = this.oldest % MAX_EVENTS;
    const event = this.ring[place];
    if (event !== null && event !== undefined) this.bytes -= weightOf(event);
    this.ring[place] = null;
    this.oldest += 1;
  }
}

/**
 * About what an event takes in memory with what its texts were made of, in bytes. For each character 1.7 were seen where
 * the events of a booking share its claims, 2.2 of bookings of one seat, 3 of blocks of many units.
 */
function weightOf({ data, metadata }: RecordedEvent): number {
  return 300 + 2.5 * (data.length + metadata.length);
}
