import { setImmediate as nextTurn } from 'node:timers/promises';

/** Gives others their turn each time so much was done in one go, whatever it was done for. */
export class Turns {
  private readonly most: number;
  private done = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** To be awaited after each piece of work; null when it may go on at once. */
  did(pieces: number): Promise<void> | null {
    this.done += pieces;
    if (this.done < this.most) return null;
    this.done = 0;
    return nextTurn();
  }
}
