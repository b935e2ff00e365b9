/** The process's steady clock in the hands of a test: it stands still but for what the test lets pass. */
export interface HeldClock {
  pass(milliseconds: number): void;
  /** Gives the clock back to the machine. */
  letGo(): void;
}

export function holdClock(): HeldClock {
  let now = performance.now();
  Object.defineProperty(performance, 'now', { value: () => now, configurable: true });
  return {
    pass: (milliseconds) => {
      now += milliseconds;
    },
    letGo: () => {
      Reflect.deleteProperty(performance, 'now');
    },
  };
}
