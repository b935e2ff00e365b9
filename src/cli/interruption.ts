import { performance } from 'node:perf_hooks';

/** A wish of the user's to end something that would go on. */
export interface Interruption {
  readonly wanted: boolean;
  /** Calls back when the wish comes; at once when it has come already. */
  onWanted(listener: () => void): void;
  /** @throws Error that tells of the wish, once it has come: for work that is worth nothing by halves. */
  throwIfWanted(): void;
  /** Leaves signals to do what they usually do. */
  forget(): void;
}

/** A terminal that is closed wants the same as Ctrl-C in it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * Ctrl-C reaches a command and npm, which passes it on: the same wish, twice within milliseconds. Who loses patience
 * takes longer than this, in milliseconds.
 */
const SAME_WISH_MS = 1_000;

/** Takes SIGINT, SIGTERM and SIGHUP for the wish to end in good order; one that comes more than a second later ends the process at once. */
export function untilInterrupted(): Interruption {
  const listeners: (() => void)[] = [];
  let wantedAt: number | null = null;
  const interrupt = (): void => {
    if (wantedAt !== null) {
      if (performance.now() - wantedAt > SAME_WISH_MS) process.exit(1);
      return;
    }
    wantedAt = performance.now();
    for (const listener of listeners) listener();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    get wanted() {
      return wantedAt !== null;
    },
    onWanted(listener) {
      if (wantedAt !== null) listener();
      else listeners.push(listener);
    },
    throwIfWanted() {
      if (wantedAt !== null) throw new Error('interrupted');
    },
    forget() {
      for (const signal of SIGNALS) process.off(signal, interrupt);
    },
  };
}
