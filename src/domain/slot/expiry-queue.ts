interface Due {
  readonly bookingId: string;
  readonly expiresAt: number;
}

/**
 * Holds by the instant at which they lapse: a binary heap that is allowed to hold entries that no
 * longer count (a hold confirmed, extended or rolled back meanwhile). Whoever takes an entry checks
 * it against the booking, so nothing ever has to be removed from the middle. Holds that lapse together
 * come in the order of their ids, so that two states made of the same events decide the same.
 */
export class ExpiryQueue {
  // Two lists in place of one of objects: every hold of every slot in memory has an entry for as long as it may lapse.
  private readonly ids: string[] = [];
  private readonly instants: number[] = [];

  /** The earliest instant at which a hold may lapse; Infinity when there is none. */
  get nextAt(): number {
    return this.instants[0] ?? Number.POSITIVE_INFINITY;
  }

  add(bookingId: string, expiresAt: number): void {
    this.ids.push(bookingId);
    this.instants.push(expiresAt);
    let child = this.ids.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.comesBefore(child, parent)) break;
      this.swap(parent, child);
      child = parent;
    }
  }

  /** Removes and returns the entry that lapses first. */
  take(): Due | undefined {
    const last = this.ids.length - 1;
    if (last < 0) return undefined;
    this.swap(0, last);
    const taken = { bookingId: this.ids.pop() as string, expiresAt: this.instants.pop() as number };
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      let least = parent;
      if (left < last && this.comesBefore(left, least)) least = left;
      if (right < last && this.comesBefore(right, least)) least = right;
      if (least === parent) return taken;
      this.swap(parent, least);
      parent = least;
    }
  }

  private comesBefore(one: number, other: number): boolean {
    const [at, otherAt] = [this.instants[one] as number, this.instants[other] as number];
    return at < otherAt || (at === otherAt && (this.ids[one] as string) < (this.ids[other] as string));
  }

  private swap(one: number, other: number): void {
    const [id, instant] = [this.ids[one] as string, this.instants[one] as number];
    this.ids[one] = this.ids[other] as string;
    this.instants[one] = this.instants[other] as number;
    this.ids[other] = id;
    this.instants[other] = instant;
  }
}
