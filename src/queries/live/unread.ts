/** Most bytes that the clients of a process may be sent before they read them: some fifty stadiums. */
const MAX_UNREAD_BYTES = 96 * 1024 * 1024;

/** A client that has not read what it was sent. */
export interface Holder {
  /** Ends the client's connection at once, with all that is on its way. */
  cut(): void;
}

/**
 * What clients were sent and have not read: that stays in memory until they do, once for all who were sent the same. When it
 * is too much, those go who have been sent something for the longest time. One piece alone is never too much.
 */
export class Unread {
  private readonly holders = new Map<Buffer, Set<Holder>>();
  private readonly maxBytes: number;
  private total = 0;

  constructor(maxBytes = MAX_UNREAD_BYTES) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.total;
  }

  /** May end this client, or others. */
  hold(bytes: Buffer, holder: Holder): void {
    const others = this.holders.get(bytes);
    if (others === undefined) {
      this.holders.set(bytes, new Set([holder]));
      this.total += bytes.length;
    } else {
      // Who was sent a piece last has hardly had the time to read it, however long others have had it.
      this.holders.delete(bytes);
      this.holders.set(bytes, others.add(holder));
    }
    for (const [oldest, slow] of this.holders) {
      if (this.total <= this.maxBytes || oldest === bytes) return;
      this.forget(oldest);
      for (const one of slow) one.cut();
    }
  }

  release(bytes: Buffer, holder: Holder): void {
    const others = this.holders.get(bytes);
    others?.delete(holder);
    if (others?.size === 0) this.forget(bytes);
  }

  private forget(bytes: Buffer): void {
    this.holders.delete(bytes);
    this.total -= bytes.length;
  }
}
