/**
 * How long who follows the log sleeps behind a page of events that was not full, in milliseconds. As a rule there is nothing behind
 * it yet; but where a page is of what this process wrote, others may have written more, and woken it before it was read. Longer than
 * two appends of a rush are apart, each of which wakes it: who looks in between reads back what is handed over a moment later.
 */
export const LOOK_AGAIN_MS = 50;

/** A sleep that can be cut short. A wake while nobody sleeps cuts the next sleep short, so that none is lost. */
export class Pause {
  private woken = false;
  private wakeSleeper: (() => void) | null = null;

  wake(): void {
    this.woken = true;
    this.wakeSleeper?.();
  }

  /** Resolves after so many milliseconds or when woken; true means woken. */
  async sleep(milliseconds: number): Promise<boolean> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wakeSleeper = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wakeSleeper = null;
    }
    const woken = this.woken;
    this.woken = false;
    return woken;
  }
}
