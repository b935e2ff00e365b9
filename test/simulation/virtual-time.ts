import type { Random } from '../domain/oracle/random.ts';

/** Steps after which a world that still has something to do is taken for one that never comes to rest. */
const MAX_STEPS = 200_000;

/** The real one, kept before anything is replaced: a turn of it lets every promise that can settle do so. */
const realSetImmediate = setImmediate;

interface Due {
  readonly at: number;
  /** Of what is due together, who comes first is left to chance. */
  readonly turn: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * The time of a simulated world: it stands still while anything runs, and then leaps to whatever is
 * due next. Nothing in the world may wait for anything else, so that one seed is one course of events.
 */
export class VirtualTime {
  /** Epoch milliseconds. */
  now: number;
  private readonly random: Random;
  private readonly heap: Due[] = [];
  private order = 0;

  constructor(startsAt: number, random: Random) {
    this.now = startsAt;
    this.random = random;
  }

  /** Runs it so many milliseconds later. Returns the way to call it off. */
  after(milliseconds: number, run: () => void): () => void {
    this.order += 1;
    const due: Due = { at: this.now + Math.max(0, milliseconds), turn: this.random.next(), order: this.order, run };
    this.push(due);
    return () => {
      due.run = null;
    };
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(milliseconds, resolve);
    });
  }

  /** Lives until nothing is left to do. @throws when that never comes. */
  async run(): Promise<void> {
    for (let step = 0; step < MAX_STEPS; step += 1) {
      // What was started before the first step, or by the last one, goes on as far as it can.
      await new Promise((resolve) => realSetImmediate(resolve));
      const due = this.take();
      if (due === undefined) return;
      this.now = due.at;
      due.run?.();
    }
    throw new Error(`the world does not come to rest within ${MAX_STEPS} steps`);
  }

  private push(due: Due): void {
    const { heap } = this;
    heap.push(due);
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) return;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  private take(): Due | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      let least = parent;
      for (const child of [left, left + 1]) if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      if (least === parent) return first;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

function isBefore(one: Due, other: Due): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.turn !== other.turn ? one.turn < other.turn : one.order < other.order;
}
