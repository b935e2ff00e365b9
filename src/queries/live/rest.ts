/** How long a slot rests that a look did not bring on, in milliseconds: each time twice as long, within bounds. */
const SHORTEST_MS = 500;
const LONGEST_MS = 4_000;

/** Keeps a slot that cannot be brought on, maybe for as long as it is watched, from being looked at all the time. */
export class Rest {
  private lastMs = 0;
  private timer: NodeJS.Timeout | null = null;

  get isOn(): boolean {
    return this.timer !== null;
  }

  /** Whether there was one since the slot got on last. */
  get wasNeeded(): boolean {
    return this.lastMs > 0;
  }

  begin(onEnd: () => void): void {
    this.interrupt();
    this.lastMs = Math.min(Math.max(2 * this.lastMs, SHORTEST_MS), LONGEST_MS);
    this.timer = setTimeout(() => {
      this.timer = null;
      onEnd();
    }, this.lastMs);
    this.timer.unref();
  }

  /** Ends it early; the next one will be longer all the same. */
  interrupt(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** To be called when the slot got on. */
  forget(): void {
    this.interrupt();
    this.lastMs = 0;
  }
}
