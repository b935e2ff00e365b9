import {
  type EventStore,
  type NewEvent,
  OutcomeUnknownError,
  type RecordedEvent,
  StoreUnavailableError,
  type StreamAppend,
} from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';

/**
 * What befalls one append:
 * - `answer-lost`: it is written, and nobody learns of it;
 * - `request-lost`: it is not written, and nobody learns of that;
 * - `unavailable`: it is refused, and surely not written;
 * - a function: runs first, as another instance that was faster would.
 */
export type Fault = 'answer-lost' | 'request-lost' | 'unavailable' | (() => Promise<unknown>);

/** Where something waits until the test lets it go on. */
export interface Gate {
  /** Resolves once somebody waits here. */
  readonly reached: Promise<void>;
  open(): void;
}

export interface SentAppend {
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
  readonly locked: boolean;
}

/** A store that fails and waits when the test says so, and counts what is asked of it. */
export interface FaultyStore extends EventStore {
  /** Every append that was tried, also those that failed, in order. */
  readonly sent: readonly SentAppend[];
  /** Every read of a stream, in order. */
  readonly reads: readonly { readonly streamId: string; readonly fromVersion: number }[];
  /** Most appends of one stream that were under way at one time. */
  readonly mostInFlight: number;
  /** The next appends of the stream meet these faults, one each. */
  failNext(streamId: string, ...faults: readonly Fault[]): void;
  /** The next append of the stream waits at the gate before anything else happens to it. */
  holdNextAppend(streamId: string): Gate;
  /** The next read of the stream waits at the gate. */
  holdNextRead(streamId: string): Gate;
}

export function createFaultyStore(store: EventStore = createMemoryEventStore()): FaultyStore {
  const faults = new Map<string, Fault[]>();
  const appendGates = new Map<string, OpenableGate>();
  const readGates = new Map<string, OpenableGate>();
  const inFlight = new Map<string, number>();
  const sent: SentAppend[] = [];
  const reads: { streamId: string; fromVersion: number }[] = [];
  let mostInFlight = 0;

  async function append<Result>(streamId: string, write: (fault: Fault | undefined) => Promise<Result>): Promise<Result> {
    const count = (inFlight.get(streamId) ?? 0) + 1;
    inFlight.set(streamId, count);
    mostInFlight = Math.max(mostInFlight, count);
    try {
      await pass(appendGates, streamId);
      return await meet(faults.get(streamId)?.shift(), write);
    } finally {
      inFlight.set(streamId, (inFlight.get(streamId) as number) - 1);
    }
  }

  function note({ streamId, expectedVersion, events }: StreamAppend, locked: boolean): void {
    sent.push({ streamId, expectedVersion, events, locked });
  }

  return {
    ...store,
    sent,
    reads,
    get mostInFlight() {
      return mostInFlight;
    },
    failNext: (streamId, ...more) => {
      faults.set(streamId, [...(faults.get(streamId) ?? []), ...more]);
    },
    holdNextAppend: (streamId) => gateAt(appendGates, streamId),
    holdNextRead: (streamId) => gateAt(readGates, streamId),
    append: (parts) => {
      for (const part of parts) note(part, false);
      return append((parts[0] as StreamAppend).streamId, async (fault) => {
        if (fault === 'request-lost') throw new OutcomeUnknownError('planned: the request was lost');
        return store.append(parts);
      });
    },
    appendLocked: (streamId, afterVersion, decide) =>
      append(streamId, (fault) =>
        store.appendLocked(streamId, afterVersion, (tail: readonly RecordedEvent[]) => {
          const events = decide(tail);
          if (events.length > 0) note({ streamId, expectedVersion: afterVersion + tail.length, events }, true);
          // What throws in here is not written: the commit is what was lost.
          if (fault === 'request-lost') throw new OutcomeUnknownError('planned: the commit was lost');
          return events;
        }),
      ),
    readStream: async (streamId, fromVersion, limit) => {
      reads.push({ streamId, fromVersion });
      await pass(readGates, streamId);
      return store.readStream(streamId, fromVersion, limit);
    },
  };
}

async function meet<Result>(fault: Fault | undefined, write: (fault: Fault | undefined) => Promise<Result>): Promise<Result> {
  if (typeof fault === 'function') await fault();
  if (fault === 'unavailable') throw new StoreUnavailableError('planned: the store is out of reach');
  const result = await write(fault);
  if (fault === 'answer-lost') throw new OutcomeUnknownError('planned: the answer was lost');
  return result;
}

interface OpenableGate extends Gate {
  readonly opened: Promise<void>;
  arrive(): void;
}

function gateAt(gates: Map<string, OpenableGate>, streamId: string): Gate {
  let arrive: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gate: OpenableGate = { reached, opened, arrive: () => arrive(), open: () => open() };
  gates.set(streamId, gate);
  return gate;
}

async function pass(gates: Map<string, OpenableGate>, streamId: string): Promise<void> {
  const gate = gates.get(streamId);
  if (gate === undefined) return;
  gates.delete(streamId);
  gate.arrive();
  await gate.opened;
}
