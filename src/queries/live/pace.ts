/** Between two rounds lie so many times what the last one took, so that live maps take a sixth of the process's time as long as a round is no longer than a fifth of a second. */
const REST = 5;
/** And so many milliseconds at least and at most: what happens within is told in one piece, and nobody waits for long. */
const SHORTEST_REST_MS = 50;
const LONGEST_REST_MS = 1_000;

/** Does a deed again and again for as long as it is asked for, at a pace that leaves time for others. */
export class Pace {
  private readonly deed: () => Promise<void>;
  private timer: NodeJS.Timeout | null = null;
  private running = false;
  private asked = false;
  private stopped = false;
  private notBefore = 0;
  private waiting: (() => void)[] = [];

  /** @param deed must not reject. */
  constructor(deed: () => Promise<void>) {
    this.deed = deed;
  }

  /** Asks for a round: at once after a rest that was long enough. */
  ask(): void {
    this.asked = true;
    if (this.running || this.stopped || this.timer !== null) return;
    this.timer = setTimeout(() => void this.round(), Math.max(0, this.notBefore - performance.now()));
    this.timer.unref();
  }

  /** Resolves when a round has ended that began from now on. */
  next(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.ask();
    });
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.release(this.waiting.splice(0));
  }

  private async round(): Promise<void> {
    this.timer = null;
    this.running = true;
    this.asked = false;
    const waiting = this.waiting.splice(0);
    const begun = performance.now();
    await this.deed();
    const ended = performance.now();
    this.notBefore = ended + Math.min(Math.max(REST * (ended - begun), SHORTEST_REST_MS), LONGEST_REST_MS);
    this.running = false;
    this.release(waiting);
    if (this.asked) this.ask();
  }

  private release(waiting: readonly (() => void)[]): void {
    for (const go of waiting) go();
  }
}
