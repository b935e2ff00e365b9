import { ask, type BookingBody, type ProblemBody, type Reply } from './api.ts';
import type { Random } from './random.ts';
import type { Seen } from './readers.ts';

/** Where the service is now; closed while it is not there. Buyers wait at it, so that nobody has to poll. */
export class Gate {
  private url: string | null = null;
  private opened: () => void = () => undefined;
  private opening: Promise<void> = Promise.resolve();

  open(url: string): void {
    this.url = url;
    this.opened();
  }

  close(): void {
    this.url = null;
    this.opening = new Promise((resolve) => {
      this.opened = resolve;
    });
  }

  async service(): Promise<string> {
    while (this.url === null) await this.opening;
    return this.url;
  }
}

/** What a buyer knows of a booking. */
export interface Known {
  /** As last answered. */
  status: string;
  /** What it becomes by the request that has not been answered yet. */
  inDoubt: string | null;
  /** Holdfast-Position of the last answer. */
  position: string;
  readonly units: string;
}

/** What was answered to all buyers. */
export class Ledger {
  readonly bookings = new Map<string, Known>();
  /** Booking ids by customer; every request for a booking has a customer of its own. */
  readonly byCustomer = new Map<string, string>();
  readonly refusals = new Map<string, number>();
  /** Requests that had to be sent again, by why: the code that asked for it, or `no answer`. */
  readonly retries = new Map<string, number>();
  /** Answers that repeat one which never arrived: the service had done it and was cut off before it could say so. */
  replays = 0;
  /** The newest write that was answered. */
  newest: Seen | null = null;
  private answers = 0;
  private awaited: { readonly at: number; readonly reached: () => void } | null = null;

  /** Resolves when so many more requests have been answered. */
  afterAnswers(count: number): Promise<void> {
    return new Promise((reached) => {
      this.awaited = { at: this.answers + count, reached };
    });
  }

  count(): void {
    this.answers += 1;
    if (this.awaited !== null && this.answers >= this.awaited.at) {
      this.awaited.reached();
      this.awaited = null;
    }
  }

  refused(code: string): void {
    countIn(this.refusals, code);
  }

  retried(why: string): void {
    countIn(this.retries, why);
  }
}

function countIn(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

export function unitsOf(claims: Iterable<{ readonly unitId: string; readonly quantity: number }>): string {
  return [...claims]
    .map(({ unitId, quantity }) => `${quantity}*${unitId}`)
    .sort()
    .join(' ');
}

/** Buyers who hold, then confirm, cancel or change their mind, and who repeat what was not answered with the same key. */
export class Buyers {
  readonly ledger = new Ledger();
  private readonly gate: Gate;
  private readonly slotIds: readonly string[];
  private readonly random: Random;
  private next = 0;
  private stopping = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(gate: Gate, slotIds: readonly string[], random: Random) {
    this.gate = gate;
    this.slotIds = slotIds;
    this.random = random;
  }

  start(count: number): void {
    this.running = Promise.all(Array.from({ length: count }, () => this.buyOn()));
  }

  /** Lets every buyer come to the end of the booking in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async buyOn(): Promise<void> {
    while (!this.stopping) await this.buy(`c-${this.next++}`);
  }

  private async buy(customerId: string): Promise<void> {
    const { ledger, random } = this;
    const wanted =
      random() < 0.2
        ? { units: [{ unitId: 'yard', quantity: 1 + Math.floor(random() * 3) }] }
        : { bestAvailable: { quantity: 1 + Math.floor(random() * 4) } };
    const slotId = this.slotIds[Math.floor(random() * this.slotIds.length)] as string;
    const held = await this.insist(`/slots/${slotId}/bookings`, { customerId, ...wanted }, `hold ${customerId}`);
    if (held.status !== 201) return ledger.refused((held.body as ProblemBody).code);
    const booking = held.body as BookingBody;
    const known: Known = { status: 'HELD', inDoubt: null, position: positionOf(held), units: unitsOf(booking.claims) };
    ledger.newest = { slotId, position: known.position, version: booking.version };
    ledger.byCustomer.set(customerId, booking.bookingId);
    ledger.bookings.set(booking.bookingId, known);
    const turn = random();
    if (turn < 0.2) return;
    const [deed, status, body] = turn < 0.7 ? ['confirm', 'CONFIRMED', { paymentReference: customerId }] : ['cancel', 'CANCELLED', {}];
    known.inDoubt = status as string;
    const settled = await this.insist(`/bookings/${booking.bookingId}/${deed}`, body, `${deed} ${customerId}`);
    if (settled.status !== 200) throw new Error(`${deed} of ${booking.bookingId}: ${settled.status} ${JSON.stringify(settled.body)}`);
    known.status = (settled.body as BookingBody).status;
    known.position = positionOf(settled);
    ledger.newest = { slotId, position: known.position, version: (settled.body as BookingBody).version };
    known.inDoubt = null;
  }

  /** Sends the same request with the same key until it is settled, as an answer with Retry-After asks for. */
  private async insist(path: string, body: unknown, key: string): Promise<Reply<BookingBody | ProblemBody>> {
    for (;;) {
      const url = await this.gate.service();
      const reply = await ask<BookingBody | ProblemBody>(url, path, { body, key }).catch(() => null);
      if (reply !== null) this.ledger.count();
      if (reply !== null && !reply.headers.has('Retry-After')) {
        if (reply.headers.get('Idempotent-Replay') === 'true') this.ledger.replays += 1;
        return reply;
      }
      this.ledger.retried(reply === null ? 'no answer' : (reply.body as ProblemBody).code);
    }
  }
}

function positionOf(reply: Reply<unknown>): string {
  return reply.headers.get('Holdfast-Position') ?? '';
}
