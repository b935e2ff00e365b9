/** What the load generator is told to do, and what it tells afterwards: both travel between processes as JSON. */

export type Load =
  /** Holds one seat at a time that nobody has asked for yet, and confirms it where that is wanted. */
  | {
      readonly kind: 'holds';
      readonly shows: readonly string[];
      readonly seats: number;
      readonly spread: Spread;
      readonly confirm: boolean;
    }
  /** Asks for seats that are gone. */
  | { readonly kind: 'refusals'; readonly shows: readonly string[]; readonly seats: number }
  /** Asks for the paths in turn. */
  | { readonly kind: 'reads'; readonly paths: readonly string[] }
  /** Reads one of the paths at random, and instead of every so many-th read holds a seat. */
  | {
      readonly kind: 'mix';
      readonly paths: readonly string[];
      readonly writeEvery: number;
      readonly holds: Extract<Load, { kind: 'holds' }>;
    };

/** Which show the next buyer wants: the first one that has a seat left, one after the other, or the n-th with weight 1/n. */
export type Spread = 'in-turn' | 'even' | 'zipf';

export type Pace =
  /** Each connection sends its next request when it has the answer to the last one. */
  | { readonly kind: 'closed' }
  /**
   * Requests are due at fixed instants, whatever becomes of those before them; their latency counts from
   * the instant at which they were due. A burst multiplies the rate for a while, again and again.
   */
  | { readonly kind: 'open'; readonly perSecond: number; readonly burst?: Burst };

export interface Burst {
  readonly factor: number;
  readonly milliseconds: number;
  readonly everyMilliseconds: number;
}

/** One kind of client. Those of one job are at work at the same time. */
export interface Stream {
  readonly port: number;
  readonly connections: number;
  readonly pace: Pace;
  readonly load: Load;
  /** Whether 429 and 503 with Retry-After are counted as shed instead of failing the run. */
  readonly mayShed?: boolean;
}

export interface Job {
  readonly streams: readonly Stream[];
  /** What happens in the first so many milliseconds is not counted. */
  readonly leadInMilliseconds: number;
  readonly milliseconds: number;
}

export interface StreamResult {
  /** The time that counts, and in an open loop what it took beyond that until everything was answered. */
  readonly seconds: number;
  /** Operations that were done: a hold that is confirmed is one of them, of two requests. */
  readonly operations: number;
  readonly requests: number;
  readonly shed: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of requests; in an open loop from the instant at which they were due. */
  readonly latency: Latency;
  /**
   * From the instant at which the generator came to the request, whether or not a connection was free for it: without
   * what the generator's own ticks and the machine beneath it were late by.
   */
  readonly latencySinceReached: Latency;
}

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly greatest: number;
}

export type JobResult =
  | { readonly kind: 'done'; readonly streams: readonly StreamResult[] }
  | { readonly kind: 'failed'; readonly message: string };
