import { expect } from 'chai';
import type { CommandResult } from '../../src/commands/command-service.ts';
import type { Claim } from '../../src/domain/slot/events.ts';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';

/** What a slot's stream says of its numbered seats, read without any of the code under test. */
export interface SeatLog {
  /** Units that are held or sold at the end, by booking. */
  readonly seats: ReadonlyMap<string, string>;
  /** How many are taken at each version; at index 0 before the first event. */
  readonly takenAt: readonly number[];
}

/** @throws when a seat is given to two bookings at a time, or given back by one that does not have it. */
export function readSeatLog(stream: readonly RecordedEvent[]): SeatLog {
  const seats = new Map<string, string>();
  const takenAt = [0];
  for (const { type, data, version } of stream) {
    const event = JSON.parse(data) as { bookingId: string } & Partial<Record<'claims' | 'released' | 'added' | 'dropped', Claim[]>>;
    for (const { unitId } of givenBack(type, event)) {
      if (seats.get(unitId) !== event.bookingId)
        throw new Error(`${event.bookingId} gave ${unitId} back at version ${version} without having it`);
      seats.delete(unitId);
    }
    for (const { unitId } of (type === 'SeatsHeld' ? event.claims : type === 'BookingChanged' ? event.added : []) ?? []) {
      if (seats.has(unitId))
        throw new Error(`${unitId} went to ${event.bookingId} at version ${version}, while ${seats.get(unitId)} had it`);
      seats.set(unitId, event.bookingId);
    }
    takenAt.push(seats.size);
  }
  return { seats, takenAt };
}

function givenBack(type: string, event: Partial<Record<'claims' | 'released' | 'dropped', Claim[]>>): readonly Claim[] {
  switch (type) {
    case 'BookingChanged':
      return event.dropped ?? [];
    case 'BookingConfirmed':
      return event.released ?? [];
    case 'BookingExpired':
    case 'BookingCancelled':
    case 'SeatsReleased':
      return event.claims ?? [];
    default:
      return [];
  }
}

/** One request for best-available seats, and what became of it. */
export interface Try {
  readonly quantity: number;
  readonly result: CommandResult;
  readonly milliseconds: number;
}

/** A seeded sequence of numbers from 0 up to 1 (mulberry32), so that a rush can be run again. */
export function randomSequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many clients that each ask for one to four seats until they are refused a single one. */
export async function rush(clients: number, seed: number, ask: (quantity: number) => Promise<CommandResult>): Promise<readonly Try[]> {
  const tries: Try[] = [];
  const random = randomSequence(seed);
  const client = async () => {
    for (let soldOut = false; !soldOut; ) {
      const quantity = 1 + Math.floor(random() * 4);
      const asked = performance.now();
      const result = await ask(quantity);
      tries.push({ quantity, result, milliseconds: performance.now() - asked });
      soldOut = result.kind === 'refused' && quantity === 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tries;
}

/** All was sold, nothing twice, every answer is in the log, and nobody was refused while enough seats were free. */
export function expectSoldOutAndJust(stream: readonly RecordedEvent[], capacity: number, tries: readonly Try[]): void {
  const { seats, takenAt } = readSeatLog(stream);
  expect(seats.size, 'seats sold').to.equal(capacity);
  const answered = new Map<string, string>();
  for (const { result, quantity } of tries) {
    if (result.kind === 'refused') {
      expect(result.refusal).to.deep.equal({ kind: 'sold-out' });
      const free = capacity - (takenAt[result.place.version] ?? Number.NaN);
      expect(free, `free for ${quantity} at version ${result.place.version}`).to.be.lessThan(quantity);
    } else for (const { unitId } of result.booking?.claims ?? []) answered.set(unitId, result.booking?.bookingId ?? '');
  }
  expect([...answered].sort(), 'what was answered is what is in the log').to.deep.equal([...seats].sort());
}
