import { ask, type BookingBody, demand, type ProblemBody, type Reply } from './api.ts';
import { between, type Random, seeded } from './random.ts';
import { type Leg, legsOf, type Trip } from './trip-ledger.ts';

/** A booking as its rider was last told of it. */
export interface Ride {
  readonly bookingId: string;
  status: string;
  seats: readonly string[];
}

/** A request for seats that was refused: seats by name, or so many of the best. */
export interface Refused {
  readonly attemptId: string;
  readonly code: string;
  readonly leg: Leg;
  readonly wanted: readonly string[] | number;
  readonly unavailable?: unknown;
}

type RefusalBody = ProblemBody & { readonly instance: string; readonly unavailable?: unknown };

const MAX_SEATS_NAMED = 2;
const MAX_SEATS_CHOSEN = 3;

/**
 * Clients who book on one trip, all at once: every leg of it, in random order, by named seats and by
 * the best available; they confirm, cancel in whole and in part, or leave it at the hold. Giving back
 * goes on to the end, so that seats change hands again and again.
 */
export class Riders {
  /** Bookings as their riders know them, by id. */
  readonly rides = new Map<string, Ride>();
  readonly refused: Refused[] = [];
  /** Legs that somebody asked for, `from-to`. */
  readonly asked = new Set<string>();
  requests = 0;
  /** Holdfast-Position of an answer that came after all others were sent. */
  lastPosition = '';
  private readonly url: string;
  private readonly trip: Trip;
  private readonly random: Random;
  private readonly legs: readonly Leg[];

  constructor(url: string, trip: Trip, seed: number) {
    this.url = url;
    this.trip = trip;
    this.random = seeded(seed);
    this.legs = shuffled(legsOf(trip), this.random);
  }

  /** So many clients at once, each of whom books so often. */
  async rideAtOnce(clients: number, turns: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, client) => this.ride(`c-${client}`, turns)));
    const { headers } = await demand(200, this.url, `/audit/slots/${this.trip.slotId}`);
    this.lastPosition = headers.get('Holdfast-Position') ?? '';
  }

  private async ride(customerId: string, turns: number): Promise<void> {
    const mine: Ride[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const ride = await this.book(customerId, turn);
      if (ride !== null) {
        mine.push(ride);
        await this.goOn(ride);
      }
      // Whoever has much gives some of it back.
      const oldest = mine.find(({ status }) => status !== 'CANCELLED');
      if (oldest !== undefined && this.random() < 0.3) await this.deed(oldest, 'cancel', {});
    }
  }

  private async book(customerId: string, turn: number): Promise<Ride | null> {
    const { legs, random, trip } = this;
    const leg = legs[this.asked.size < legs.length ? this.asked.size : between(random, 0, legs.length - 1)] as Leg;
    this.asked.add(`${leg.from}-${leg.to}`);
    const wanted =
      random() < 0.5 ? shuffled(trip.seats, random).slice(0, between(random, 1, MAX_SEATS_NAMED)) : between(random, 1, MAX_SEATS_CHOSEN);
    const body = {
      customerId,
      span: { fromStop: trip.stops[leg.from], toStop: trip.stops[leg.to] },
      ...(typeof wanted === 'number' ? { bestAvailable: { quantity: wanted } } : { units: wanted }),
      ...(random() < 0.1 ? { confirm: { paymentReference: `${customerId} ${turn}` } } : {}),
    };
    const reply = await this.send<BookingBody & RefusalBody>(`/slots/${trip.slotId}/bookings`, body, `${customerId} ${turn}`);
    if (reply.status !== 201) {
      const { code, instance, unavailable } = reply.body;
      this.refused.push({ attemptId: instance.slice(instance.lastIndexOf('/') + 1), code, leg, wanted, unavailable });
      return null;
    }
    const ride: Ride = { bookingId: reply.body.bookingId, status: '', seats: [] };
    this.told(ride, reply.body);
    this.rides.set(ride.bookingId, ride);
    return ride;
  }

  private async goOn(ride: Ride): Promise<void> {
    const turn = this.random();
    const [first] = ride.seats;
    if (turn < 0.2) return;
    if (turn < 0.35) return this.deed(ride, 'cancel', {});
    if (turn < 0.45 && ride.seats.length > 1) return this.deed(ride, 'cancel', { units: [first] });
    if (ride.status === 'HELD') {
      const part = turn < 0.55 && ride.seats.length > 1 ? { units: [first] } : {};
      await this.deed(ride, 'confirm', { paymentReference: ride.bookingId, ...part });
    }
    if (turn > 0.9 && ride.seats.length > 1) await this.deed(ride, 'cancel', { units: [first] });
  }

  /** What a rider does with an own booking cannot be refused. */
  private async deed(ride: Ride, name: string, body: unknown): Promise<void> {
    const reply = await this.send<BookingBody>(`/bookings/${ride.bookingId}/${name}`, body);
    if (reply.status !== 200) throw new Error(`${name} of ${ride.bookingId}: ${reply.status} ${JSON.stringify(reply.body)}`);
    this.told(ride, reply.body);
  }

  private told(ride: Ride, booking: BookingBody): void {
    ride.status = booking.status;
    ride.seats = booking.claims.map(({ unitId }) => unitId);
  }

  private send<Body>(path: string, body: unknown, key?: string): Promise<Reply<Body>> {
    this.requests += 1;
    return ask<Body>(this.url, path, { body, ...(key === undefined ? {} : { key }) });
  }
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
