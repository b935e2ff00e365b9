/** JSON as it went over the wire, or as the log has it. */
export type Json = Readonly<Record<string, unknown>>;

/** An event of the log as auditors get it, its instants and position as numbers. */
export interface LoggedEvent {
  /** Place in the whole log: 1, 2, 3 … */
  readonly position: number;
  readonly streamId: string;
  /** Place in the stream: 1, 2, 3 … */
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  /** Stream time, epoch milliseconds. */
  readonly at: number;
  /** On the store's clock, epoch milliseconds. */
  readonly recordedAt: number;
  /** What a repeat of the same request has in common with it; null when it came without a key. */
  readonly commandId: string | null;
  readonly data: Json;
}

/** What a client sent. */
export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below `/api/v1`, with its query. */
  readonly path: string;
  readonly body?: Json;
  /** The Idempotency-Key. */
  readonly key?: string;
  /** The version in If-Match. */
  readonly ifMatch?: number;
  /** The Holdfast-Position that a read named. */
  readonly position?: string;
}

/** What came back; the body of a problem has its `code`, and one that is no JSON has its text as `notJson`. */
export interface ClientAnswer {
  readonly status: number;
  readonly body: Json;
  /** Holdfast-Position; null when there was none. */
  readonly position: string | null;
  /** Whether it says that it is the answer of an earlier time. */
  readonly replayed?: boolean;
}

/** One try of one request. Requests for new bookings carry a `reference` that nobody else uses: by it the log tells what became of them. */
export interface ClientRecord {
  readonly client: string;
  readonly request: ClientRequest;
  /** Epoch milliseconds on the client's clock: before the first byte was sent, after the last one came. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null when no answer came: nobody knows what became of the request. */
  readonly answer: ClientAnswer | null;
}

export interface History {
  /** The whole log, in its order. */
  readonly events: readonly LoggedEvent[];
  /** Everything that was asked by anybody, in any order. */
  readonly records: readonly ClientRecord[];
  /** Milliseconds by which a client's clock may be off from the store's. */
  readonly clientSkewMs: number;
  /** Milliseconds by which the clock that a service decides by may be off from the store's. */
  readonly serviceSkewMs: number;
  /** Milliseconds at most from the instant that an event was recorded at until everybody finds it in the log. */
  readonly commitMs: number;
}

export type Rule = 'log' | 'capacity' | 'acknowledged' | 'refusal' | 'key' | 'read' | 'half';

/** Something that may never be. */
export interface Fault {
  readonly rule: Rule;
  readonly what: string;
}

/** Tells of a fault. */
export type Tell = (rule: Rule, what: string) => void;

/** A request and its answer in a few words, for those who read about a fault. */
export function inWords({ client, request, startedAt, endedAt, answer }: ClientRecord): string {
  const { method, path, key, body } = request;
  const asked = `${method} ${path}${key === undefined ? '' : ` key ${key}`} ${JSON.stringify(body ?? null)}`;
  const told = answer === null ? 'no answer' : `${answer.status} ${String(answer.body.code ?? '')}`;
  return `${client} ${asked} (${startedAt}..${endedAt}: ${told})`;
}
