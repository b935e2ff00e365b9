import { demand, type Json } from './api.ts';

/** An event as auditors get it. */
export interface LoggedEvent {
  readonly position: string;
  readonly streamId: string;
  readonly version: number;
  readonly type: string;
  readonly data: Json;
  readonly metadata: Json & { readonly time: string; readonly recordedAt: string; readonly hash: string; readonly previousHash: string };
}

/** What the log says of a booking at its end. */
export interface LoggedBooking {
  readonly customerId: string;
  status: string;
  /** Quantities by unit. */
  readonly units: Map<string, number>;
}

export interface LogProof {
  /** Everything that may never be; empty is the proof. */
  readonly faults: readonly string[];
  readonly bookings: ReadonlyMap<string, LoggedBooking>;
}

interface Claim {
  readonly unitId: string;
  readonly quantity: number;
}

/** The whole log over HTTP, in its order. */
export async function readLog(url: string): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let after = ''; ; ) {
    const { body } = await demand<{ items: LoggedEvent[]; next: string }>(200, url, `/audit/events?limit=200${after}`);
    events.push(...body.items);
    if (body.items.length === 0) return events;
    after = `&after=${body.next}`;
  }
}

/** Positions are opaque to clients; a proof may look inside: they count up from 1. */
function numberOf(position: string): number {
  return Number(Buffer.from(position, 'base64url').toString('latin1'));
}

/**
 * Follows the log with a ledger of its own, that shares nothing with the product: positions and
 * versions without a gap, stream time that never falls, chained hashes, and for slots whose units are
 * sold as a whole (one occasion) never more of a unit taken than there is, nor more given back than taken.
 */
export function proveLog(events: readonly LoggedEvent[]): LogProof {
  const faults: string[] = [];
  const streams = new Map<string, Stream>();
  const bookings = new Map<string, LoggedBooking>();
  for (const [index, event] of events.entries()) {
    const stream = streams.get(event.streamId) ?? new Stream();
    streams.set(event.streamId, stream);
    const fault = (what: string) => faults.push(`${event.streamId} v${event.version} ${event.type}: ${what}`);
    if (numberOf(event.position) !== index + 1) fault(`at position ${numberOf(event.position)}, not ${index + 1}`);
    stream.chain(event, fault);
    stream.count(event, fault);
    follow(bookings, event, fault);
  }
  return { faults, bookings };
}

class Stream {
  private version = 0;
  private hash = '0'.repeat(64);
  private time = 0;
  private readonly capacity = new Map<string, number>();
  private readonly taken = new Map<string, number>();

  chain(event: LoggedEvent, fault: (what: string) => void): void {
    const time = Date.parse(event.metadata.time);
    if (event.version !== this.version + 1) fault(`follows version ${this.version}`);
    if (event.metadata.previousHash !== this.hash) fault('is not chained to the event before it');
    if (time < this.time) fault(`is ${this.time - time} ms earlier than the event before it`);
    this.version = event.version;
    this.hash = event.metadata.hash;
    this.time = Math.max(time, this.time);
  }

  count(event: LoggedEvent, fault: (what: string) => void): void {
    if (event.type === 'SlotOpened' || event.type === 'UnitsAdded') {
      for (const { unitId, capacity = 1 } of list<{ unitId: string; capacity?: number }>(event.data.units))
        this.capacity.set(unitId, capacity);
    }
    for (const { unitId, quantity } of movesOf(event)) {
      const taken = (this.taken.get(unitId) ?? 0) + quantity;
      this.taken.set(unitId, taken);
      const capacity = this.capacity.get(unitId) ?? 0;
      if (taken < 0 || taken > capacity) fault(`${taken} of ${capacity} of unit ${unitId} would be taken`);
    }
  }
}

/** What an event takes of units, or gives back (negative). A confirmation keeps what it sells. */
function movesOf({ type, data }: LoggedEvent): readonly Claim[] {
  const back = (claims: unknown) => list<Claim>(claims).map(({ unitId, quantity }) => ({ unitId, quantity: -quantity }));
  switch (type) {
    case 'SeatsHeld':
      return list<Claim>(data.claims);
    case 'BookingChanged':
      return [...back(data.dropped), ...list<Claim>(data.added)];
    case 'BookingConfirmed':
      return back(data.released);
    case 'SeatsReleased':
    case 'BookingCancelled':
    case 'BookingExpired':
      return back(data.claims);
    default:
      return [];
  }
}

const STATUS_AFTER: Readonly<Record<string, string>> = {
  SeatsHeld: 'HELD',
  BookingConfirmed: 'CONFIRMED',
  BookingCancelled: 'CANCELLED',
  BookingExpired: 'EXPIRED',
};

/** Which events may follow a booking's status; anything else would be a booking that lives twice. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  REQUESTED: ['SeatsHeld'],
  HELD: ['HoldExtended', 'BookingChanged', 'BookingConfirmed', 'SeatsReleased', 'BookingCancelled', 'BookingExpired'],
  CONFIRMED: ['SeatsReleased', 'BookingCancelled'],
};

function follow(bookings: Map<string, LoggedBooking>, event: LoggedEvent, fault: (what: string) => void): void {
  const { bookingId, customerId } = event.data as { bookingId?: string; customerId?: string };
  if (bookingId === undefined || customerId === undefined) return;
  const known = bookings.get(bookingId);
  if (event.type === 'BookingRequested') {
    if (known !== undefined) fault(`${bookingId} is requested a second time`);
    bookings.set(bookingId, { customerId, status: 'REQUESTED', units: new Map() });
    return;
  }
  if (known === undefined || !FOLLOWS[known.status]?.includes(event.type)) {
    fault(`${bookingId} is ${known?.status ?? 'unknown'}`);
    return;
  }
  known.status = STATUS_AFTER[event.type] ?? known.status;
  for (const { unitId, quantity } of movesOf(event)) {
    const left = (known.units.get(unitId) ?? 0) + quantity;
    if (left === 0) known.units.delete(unitId);
    else known.units.set(unitId, left);
  }
}

function list<Item>(value: unknown): readonly Item[] {
  return (value ?? []) as readonly Item[];
}
