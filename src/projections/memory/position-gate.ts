import type { PositionWait } from '../position-watch.ts';

/** Lets those through who wait for a log position, as soon as it is reached. */
export class PositionGate {
  private reached = 0;
  private readonly waiting = new Set<{ readonly position: number; readonly pass: () => void }>();

  /** Everything up to it is reached. */
  get position(): number {
    return this.reached;
  }

  moveTo(position: number): void {
    if (position <= this.reached) return;
    this.reached = position;
    for (const waiter of this.waiting) if (waiter.position <= position) waiter.pass();
  }

  /** Resolves when the position is reached, at the latest after so many milliseconds. */
  waitFor(position: number, timeoutMs: number): Promise<PositionWait> {
    if (this.reached >= position) return Promise.resolve({ reached: true, position: this.reached });
    return new Promise((resolve) => {
      const waiter = { position, pass: () => end() };
      const end = () => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve({ reached: this.reached >= position, position: this.reached });
      };
      const timer = setTimeout(end, timeoutMs);
      this.waiting.add(waiter);
    });
  }
}
