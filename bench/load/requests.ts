import { randomBytes } from 'node:crypto';
import type { Load } from './jobs.ts';
import { type Seat, type SeatLedger, seatName, showChooser } from './seats.ts';

/** A request as it goes over the wire, the status that is expected, and what follows on its answer. */
export interface Request {
  readonly text: string;
  readonly expects: number;
  /** The next request of the same operation, made of the answer's body; null when this was the last one. */
  readonly follow: ((body: string) => Request) | null;
}

/** Customers who come again and again, so many of them. */
const CUSTOMERS = 5_000;

/** @returns what makes the first request of each next operation. */
export function requestsOf(load: Load, ledger: SeatLedger): () => Request {
  switch (load.kind) {
    case 'holds':
      return holds(load, ledger);
    case 'refusals':
      return refusals(load);
    case 'reads':
      return reads(load.paths);
    case 'mix':
      return mix(load, ledger);
  }
}

function holds({ shows, seats, spread, confirm }: Extract<Load, { kind: 'holds' }>, ledger: SeatLedger): () => Request {
  const choose = showChooser(spread, shows.length, Math.random);
  const nextKey = keys();
  const confirmation = (body: string): Request => {
    const key = nextKey();
    const [, bookingId] = /"bookingId":"([^"]+)"/.exec(body) ?? [];
    if (bookingId === undefined) throw new Error(`a hold was answered without a booking: ${body.slice(0, 200)}`);
    const payment = `{"paymentReference":"p-${key}"}`;
    return { text: post(`/api/v1/bookings/${bookingId}/confirm`, key, payment), expects: 200, follow: null };
  };
  return () => {
    const seat = freeSeat(ledger, shows, seats, choose());
    return { text: hold(seat, nextKey()), expects: 201, follow: confirm ? confirmation : null };
  };
}

/** From the show on, the first that has a seat left. */
function freeSeat(ledger: SeatLedger, shows: readonly string[], seats: number, from: number): Seat {
  for (let step = 0; step < shows.length; step += 1) {
    const seat = ledger.next(shows[(from + step) % shows.length] as string, seats);
    if (seat !== null) return seat;
  }
  throw new Error('the load has used up all seats: open more shows for so long a run');
}

function refusals({ shows, seats }: Extract<Load, { kind: 'refusals' }>): () => Request {
  const nextKey = keys();
  let turn = 0;
  return () => {
    turn += 1;
    const seat = { show: shows[turn % shows.length] as string, unitId: seatName(turn % seats) };
    return { text: hold(seat, nextKey()), expects: 409, follow: null };
  };
}

function reads(paths: readonly string[]): () => Request {
  const requests = paths.map((path): Request => ({ text: get(path), expects: 200, follow: null }));
  let turn = 0;
  return () => {
    turn = (turn + 1) % requests.length;
    return requests[turn] as Request;
  };
}

function mix({ paths, writeEvery, holds: writes }: Extract<Load, { kind: 'mix' }>, ledger: SeatLedger): () => Request {
  const requests = paths.map((path): Request => ({ text: get(path), expects: 200, follow: null }));
  const write = holds(writes, ledger);
  let turn = 0;
  return () => {
    turn += 1;
    return turn % writeEvery === 0 ? write() : (requests[Math.floor(Math.random() * requests.length)] as Request);
  };
}

/** Keys that were never used before, by this process or another. */
function keys(): () => string {
  const run = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${run}-${count}`;
  };
}

function hold({ show, unitId }: Seat, key: string): string {
  const customer = Math.floor(Math.random() * CUSTOMERS);
  return post(`/api/v1/slots/${show}/bookings`, key, `{"customerId":"c-${customer}","units":["${unitId}"]}`);
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`;
}

function post(path: string, key: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n` +
    `Idempotency-Key: ${key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}
