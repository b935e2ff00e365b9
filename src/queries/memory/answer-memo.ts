/** Answers to so many different spans are kept of one slot. */
const MAX_ANSWERS = 32;

interface Kept {
  readonly value: unknown;
  readonly bytes: number;
  readonly until: number;
}

/**
 * Answers that were made from a slot's rows as they are now. The same question gets the same object
 * again, so that whoever makes bytes of an answer can keep them with it.
 */
export class AnswerMemo {
  private readonly kept = new Map<string, Kept>();
  private total = 0;

  get bytes(): number {
    return this.total;
  }

  clear(): void {
    if (this.kept.size === 0) return;
    this.kept.clear();
    this.total = 0;
  }

  /**
   * @param now tells the time in epoch milliseconds; asked only about an answer that changes by itself: it costs more than all else here.
   * @returns undefined when there is none, or the time has come at which it changes.
   */
  get<Value>(key: string, now: () => number): Value | undefined {
    const known = this.kept.get(key);
    if (known === undefined || (known.until !== Number.POSITIVE_INFINITY && now() >= known.until)) return undefined;
    return known.value as Value;
  }

  /**
   * @param bytes about what the answer weighs, with the bytes that are made of it.
   * @param until epoch milliseconds at which the answer changes without any event; Infinity for never.
   */
  set(key: string, value: unknown, bytes: number, until: number): void {
    const [oldest] = this.kept.keys();
    if (oldest !== undefined && this.kept.size >= MAX_ANSWERS && !this.kept.has(key)) this.drop(oldest);
    this.drop(key);
    this.kept.set(key, { value, bytes, until });
    this.total += bytes;
  }

  private drop(key: string): void {
    this.total -= this.kept.get(key)?.bytes ?? 0;
    this.kept.delete(key);
  }
}
