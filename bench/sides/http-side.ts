import type { Service } from './service.ts';

/** A service that is measured through HTTP. */
export interface HttpSide {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** More operations than it makes in a second: what it is given must last. */
  readonly mostPerSecond: number;
  /** Puts shows on sale, each with so many seats, which are called as seatName does. */
  openShows(shows: readonly string[], seats: number): Promise<void>;
  /** To be called at the end of a run, at once: waits until nothing of it is left to do, so that the next side has the machine to itself. */
  rest(): Promise<void>;
  /** What there is to say of all runs so far, in lines. */
  remarks(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A server that has its shows already, or needs none: whatever it is asked, it has nothing left to do afterwards. */
export function withoutShows(name: string, { port, pid, stop }: Service): HttpSide {
  return {
    name,
    port,
    pid,
    mostPerSecond: 100_000,
    openShows: async () => undefined,
    rest: async () => undefined,
    remarks: async () => [],
    stop,
  };
}
