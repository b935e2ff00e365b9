import { randomFillSync } from 'node:crypto';

/** Random bytes of an id, and for how many ids they are drawn at once: many cost no more than few. */
const RANDOM_BYTES = 6;
const DRAWN_AT_ONCE = 512;
/** Bits of the counter that stand in the third and in the fourth group. */
const THIRD_GROUP_BITS = 12;
const FOURTH_GROUP_BITS = 14;
const MOST_PER_MILLISECOND = 2 ** (THIRD_GROUP_BITS + FOURTH_GROUP_BITS);

/** Makes UUIDs of version 7 (RFC 9562) that ascend, also within a millisecond and where the clock is set back. */
export class AscendingIds {
  private readonly random = Buffer.alloc(RANDOM_BYTES * DRAWN_AT_ONCE);
  private used = this.random.length;
  private milliseconds = 0;
  private count = 0;
  /** The first two groups of the id. */
  private front = '';

  /** @param at epoch milliseconds. */
  next(at: number): string {
    const now = Math.floor(at);
    if (now > this.milliseconds || this.count === MOST_PER_MILLISECOND) this.begin(Math.max(now, this.milliseconds + 1));
    const third = 0x7000 | (this.count >>> FOURTH_GROUP_BITS);
    const fourth = 0x8000 | (this.count & (2 ** FOURTH_GROUP_BITS - 1));
    this.count += 1;
    return `${this.front}-${third.toString(16)}-${fourth.toString(16)}-${this.randomDigits()}`;
  }

  private begin(milliseconds: number): void {
    this.milliseconds = milliseconds;
    this.count = 0;
    const digits = milliseconds.toString(16).padStart(12, '0');
    this.front = `${digits.slice(0, 8)}-${digits.slice(8)}`;
  }

  private randomDigits(): string {
    if (this.used === this.random.length) {
      randomFillSync(this.random);
      this.used = 0;
    }
    this.used += RANDOM_BYTES;
    return this.random.toString('hex', this.used - RANDOM_BYTES, this.used);
  }
}
