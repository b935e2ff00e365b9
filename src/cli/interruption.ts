/** A wish of the user's to end something that would go on. */
export interface Interruption {
  readonly wanted: boolean;
  /** Calls back when the wish comes; at once when it has come already. */
  onWanted(listener: () => void): void;
  /** Leaves signals to do what they usually do. */
  forget(): void;
}

/** Takes SIGINT and SIGTERM for the wish to end in good order; the second one ends the process as usual. */
export function untilInterrupted(): Interruption {
  const listeners: (() => void)[] = [];
  let wanted = false;
  const forget = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  const interrupt = (): void => {
    wanted = true;
    forget();
    for (const listener of listeners) listener();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    get wanted() {
      return wanted;
    },
    onWanted(listener) {
      if (wanted) listener();
      else listeners.push(listener);
    },
    forget,
  };
}
