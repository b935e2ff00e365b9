import { demand } from './api.ts';
import type { LoggedEvent } from './log-proof.ts';

/** A trip to be proven: its stops in order, and the seats that are sold on it. */
export interface Trip {
  readonly slotId: string;
  readonly stops: readonly string[];
  readonly seats: readonly string[];
}

/** From one stop to a later one, as places in the trip's order. Segment `n` lies between the stops `n` and `n + 1`. */
export interface Leg {
  readonly from: number;
  readonly to: number;
}

interface Holder {
  readonly bookingId: string;
  status: 'held' | 'sold';
}

/** Every leg that the trip has: each stop with each later one. */
export function legsOf({ stops }: Trip): readonly Leg[] {
  return stops.flatMap((_, from) => stops.slice(from + 1).map((__, index) => ({ from, to: from + 1 + index })));
}

/** The stream of a slot from its first event, as auditors get it. */
export async function readStream(url: string, slotId: string): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let next = '1'; ; ) {
    const path = `/audit/streams/slot-${slotId}/events?limit=200&fromVersion=${next}`;
    const { body } = await demand<{ items: LoggedEvent[]; next: string }>(200, url, path);
    if (body.items.length === 0) return events;
    events.push(...body.items);
    next = body.next;
  }
}

/**
 * Who sits where, segment by segment: a plain table of seats by segments that is filled from the log
 * alone. It shares nothing with the product, not even the idea of a span: legs are looked up in the
 * trip's own list of stops.
 */
export class TripLedger {
  /** Everything that may never be; empty is the proof. */
  readonly faults: string[] = [];
  /** Segments on which, at some moment, not one seat was left. */
  readonly exhausted = new Set<number>();
  /** Seats by segment that were given back and then went to another booking. */
  resold = 0;
  /** How often a seat was sold up to the very stop from which on it was sold to another booking, or from that stop on. */
  adjoining = 0;
  private readonly trip: Trip;
  private readonly table: ReadonlyMap<string, (Holder | null)[]>;
  private readonly lastHolder = new Map<string, string>();
  private readonly legs = new Map<string, Leg>();

  constructor(trip: Trip) {
    this.trip = trip;
    this.table = new Map(trip.seats.map((seat) => [seat, trip.stops.slice(1).map(() => null)]));
  }

  apply(event: LoggedEvent): void {
    const { type, data, version } = event;
    const fault = (what: string) => this.faults.push(`v${version} ${type}: ${what}`);
    const bookingId = String(data.bookingId);
    switch (type) {
      case 'BookingRequested':
        this.legs.set(bookingId, this.legOf(data.span as { fromStop: string; toStop: string }));
        return;
      case 'SeatsHeld':
        this.take(bookingId, seatsIn(data.claims), fault);
        return;
      case 'BookingConfirmed':
        this.giveBack(bookingId, seatsIn(data.released), fault);
        this.sell(bookingId, seatsIn(data.claims), fault);
        return;
      case 'SeatsReleased':
      case 'BookingCancelled':
      case 'BookingExpired':
        this.giveBack(bookingId, seatsIn(data.claims), fault);
        return;
      case 'SlotOpened':
        return;
      default:
        fault('is no event that these riders could have caused');
    }
  }

  /** Free when nobody has the seat anywhere on the leg; else sold before held. */
  statusOver(seat: string, leg: Leg): 'free' | 'held' | 'sold' {
    const holders = (this.table.get(seat) ?? []).slice(leg.from, leg.to);
    if (holders.some((holder) => holder?.status === 'sold')) return 'sold';
    return holders.some((holder) => holder !== null) ? 'held' : 'free';
  }

  freeOver(leg: Leg): readonly string[] {
    return this.trip.seats.filter((seat) => this.statusOver(seat, leg) === 'free');
  }

  /** The seats that a booking has at the end, with what it has them for. */
  seatsOf(bookingId: string): readonly string[] {
    return this.trip.seats.filter((seat) => this.table.get(seat)?.some((holder) => holder?.bookingId === bookingId) === true);
  }

  private legOf({ fromStop, toStop }: { readonly fromStop: string; readonly toStop: string }): Leg {
    return { from: this.trip.stops.indexOf(fromStop), to: this.trip.stops.indexOf(toStop) };
  }

  private take(bookingId: string, seats: readonly string[], fault: (what: string) => void): void {
    this.eachCell(bookingId, seats, fault, (holders, segment, seat) => {
      const holder = holders[segment];
      if (holder !== null) fault(`${seat} goes to ${bookingId} on segment ${segment}, which ${holder?.bookingId} has`);
      const cell = `${seat} ${segment}`;
      if (this.lastHolder.has(cell)) this.resold += 1;
      this.lastHolder.set(cell, bookingId);
      holders[segment] = { bookingId, status: 'held' };
    });
    for (const segment of this.trip.stops.slice(1).keys()) {
      if (this.freeOver({ from: segment, to: segment + 1 }).length === 0) this.exhausted.add(segment);
    }
  }

  private sell(bookingId: string, seats: readonly string[], fault: (what: string) => void): void {
    this.eachCell(bookingId, seats, fault, (holders, segment, seat) => {
      const holder = holders[segment] ?? null;
      if (holder?.bookingId !== bookingId || holder.status !== 'held') fault(`${seat} is not held on segment ${segment}`);
      else holder.status = 'sold';
    });
    const leg = this.legs.get(bookingId);
    if (leg === undefined) return;
    for (const holders of seats.map((seat) => this.table.get(seat) ?? [])) {
      for (const neighbour of [holders[leg.from - 1], holders[leg.to]]) if (neighbour?.status === 'sold') this.adjoining += 1;
    }
  }

  private giveBack(bookingId: string, seats: readonly string[], fault: (what: string) => void): void {
    this.eachCell(bookingId, seats, fault, (holders, segment, seat) => {
      if (holders[segment]?.bookingId !== bookingId) fault(`${bookingId} gives ${seat} back on segment ${segment} without having it`);
      holders[segment] = null;
    });
  }

  private eachCell(
    bookingId: string,
    seats: readonly string[],
    fault: (what: string) => void,
    visit: (holders: (Holder | null)[], segment: number, seat: string) => void,
  ): void {
    const leg = this.legs.get(bookingId);
    if (leg === undefined || leg.from < 0 || leg.to <= leg.from) return void fault(`${bookingId} was never asked for on a leg of the trip`);
    for (const seat of seats) {
      const holders = this.table.get(seat);
      if (holders === undefined) fault(`there is no seat ${seat}`);
      else for (let segment = leg.from; segment < leg.to; segment += 1) visit(holders, segment, seat);
    }
  }
}

function seatsIn(claims: unknown): readonly string[] {
  return ((claims ?? []) as readonly { readonly unitId: string }[]).map(({ unitId }) => unitId);
}
