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
  private readonly heap: Due[] = [];

  /** The earliest instant at which a hold may lapse; Infinity when there is none. */
  get nextAt(): number {
    return this.heap[0]?.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  add(bookingId: string, expiresAt: number): void {
    const heap = this.heap;
    heap.push({ bookingId, expiresAt });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!comesBefore(heap[child] as Due, heap[parent] as Due)) break;
      swap(heap, parent, child);
      child = parent;
    }
  }

  /** Removes and returns the entry that lapses first. */
  take(): Due | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      let least = parent;
      if (left < heap.length && comesBefore(heap[left] as Due, heap[least] as Due)) least = left;
      if (right < heap.length && comesBefore(heap[right] as Due, heap[least] as Due)) least = right;
      if (least === parent) return first;
      swap(heap, parent, least);
      parent = least;
    }
  }
}

function comesBefore(a: Due, b: Due): boolean {
  return a.expiresAt < b.expiresAt || (a.expiresAt === b.expiresAt && a.bookingId < b.bookingId);
}

function swap(heap: Due[], a: number, b: number): void {
  const kept = heap[a] as Due;
  heap[a] = heap[b] as Due;
  heap[b] = kept;
}
