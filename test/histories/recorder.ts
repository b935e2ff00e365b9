import { setTimeout as pause } from 'node:timers/promises';
import { demand } from '../support/api.ts';
import { type AuditItem, eventsOfAudit, placeOf } from './audit.ts';
import type { ClientAnswer, ClientRecord, ClientRequest, History, Json } from './history.ts';
import { type Asker, isUnsettled } from './people/surroundings.ts';

/** Milliseconds after which a client stops waiting: far beyond what a service that lives would take. */
const PATIENCE_MS = 15_000;
/** Tries of one request, with pauses in between that grow to seconds: services that are killed come back. */
const MAX_TRIES = 30;
const LONGEST_PAUSE_MS = 2_000;
/** Bookings that readers can still ask for. */
const MOST_BOOKINGS = 200;

/** Writes down everything that clients ask of services over HTTP. */
export class Recorder {
  readonly records: ClientRecord[] = [];
  /** Versions of streams that somebody was told of last. */
  readonly versions = new Map<string, number>();
  /** Holdfast-Position of the last answer to a write. */
  lastPosition: string | null = null;
  /** Bookings that somebody was told of last. */
  readonly lastBookings: string[] = [];
  private awaited: { readonly at: number; readonly reached: () => void }[] = [];

  /** Resolves when so many more tries have come to an end, answered or not. */
  afterTries(count: number): Promise<void> {
    return new Promise((reached) => this.awaited.push({ at: this.records.length + count, reached }));
  }

  /** One try at one service; null when no answer came. */
  async try(client: string, url: string, request: ClientRequest): Promise<ClientAnswer | null> {
    const startedAt = Date.now();
    const answer = await answerTo(url, request).catch(() => null);
    this.records.push({ client, request, startedAt, endedAt: Date.now(), answer });
    const place = placeOf(answer?.position ?? null);
    if (place?.streamId) this.versions.set(place.streamId, place.version ?? 0);
    if (request.method !== 'GET' && answer?.position) this.lastPosition = answer.position;
    if (typeof answer?.body.bookingId === 'string') this.remember(answer.body.bookingId);
    for (const { reached } of this.awaited.filter(({ at }) => this.records.length >= at)) reached();
    this.awaited = this.awaited.filter(({ at }) => this.records.length < at);
    return answer;
  }

  private remember(bookingId: string): void {
    if (this.lastBookings.includes(bookingId)) return;
    this.lastBookings.push(bookingId);
    if (this.lastBookings.length > MOST_BOOKINGS) this.lastBookings.shift();
  }

  /**
   * What was recorded, with the log that a service tells of.
   *
   * @param bounds how far clocks may be off: this machine's from the database's, and those that the services decide by;
   *   and how long a commit may take.
   */
  async history(url: string, bounds: Pick<History, 'clientSkewMs' | 'serviceSkewMs' | 'commitMs'>): Promise<History> {
    const events: AuditItem[] = [];
    for (let after = ''; ; ) {
      const { body } = await demand<{ items: AuditItem[]; next: string }>(200, url, `/audit/events?limit=200&upcast=true${after}`);
      events.push(...body.items);
      if (body.items.length === 0) return { events: eventsOfAudit(events), records: this.records, ...bounds };
      after = `&after=${body.next}`;
    }
  }
}

/** A client of several services, who repeats what was not answered at another one. */
export class HttpClient implements Asker {
  readonly name: string;
  private readonly recorder: Recorder;
  private readonly pickUrl: () => string;
  private made = 0;

  constructor(name: string, recorder: Recorder, pickUrl: () => string) {
    this.name = name;
    this.recorder = recorder;
    this.pickUrl = pickUrl;
  }

  newName(what: string): string {
    this.made += 1;
    return `${what}-${this.name}-${this.made}`;
  }

  async insist(request: ClientRequest): Promise<ClientAnswer | null> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const answer = await this.recorder.try(this.name, this.pickUrl(), request);
      if (!isUnsettled(answer)) return answer;
      await pause(Math.min(LONGEST_PAUSE_MS, 20 * 2 ** tries));
    }
    return null;
  }
}

async function answerTo(url: string, { method, path, body, key, ifMatch, position }: ClientRequest): Promise<ClientAnswer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...(ifMatch === undefined ? {} : { 'If-Match': `"${ifMatch}"` }),
      ...(position === undefined ? {} : { 'Holdfast-Position': position }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return {
    status: response.status,
    body: bodyOf(await response.text()),
    position: response.headers.get('Holdfast-Position'),
    replayed: response.headers.get('Idempotent-Replay') === 'true',
  };
}

/** A service that answers with anything but JSON has answered all the same: it is not for this place to pass it over. */
function bodyOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { notJson: text };
  }
}
