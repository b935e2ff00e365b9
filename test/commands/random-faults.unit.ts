import { expect } from 'chai';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { conservationFaults } from '../../src/domain/slot/conservation.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { replaySlot } from '../../src/eventstore/slot-replay.ts';
import { type Accepted, type CommandSide, commandSide, eventsOf, keyed } from '../support/command-side.ts';
import { createFaultyStore, type Fault, type FaultyStore } from '../support/faulty-store.ts';
import { randomSequence, readSeatLog } from '../support/seat-log.ts';
import { bookBest, cancel, change, confirm, seats } from '../support/slot-builders.ts';

const CLIENTS = 12;
const ROUNDS = 6;

/** What a client was told last of a booking of its own. */
interface Known {
  readonly bookingId: string;
  readonly answer: Accepted;
}

describe('clients who repeat a request until it is answered, on two instances whose store fails at random', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`have each booking once, as they were told it is (seed ${seed})`, async () => {
      const memory = createMemoryEventStore();
      const random = randomSequence(seed);
      const stores = [createFaultyStore(memory), createFaultyStore(memory)];
      const services = stores.map((store) => commandSide(store));
      await commandSide(memory).open('hamlet', { units: seats(60) });
      for (const store of stores) scatterFaults(store, random, 60);

      const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => clientOf(`c${index}`, services, random)));

      const stream = await eventsOf(memory, 'hamlet');
      readSeatLog(stream);
      const { state } = await replaySlot('hamlet', { store: memory, layouts: new LayoutReader(memory) });
      expect(conservationFaults(state)).to.deep.equal([]);
      const known = clients.flat();
      expect(Array.from(state.bookings, ([bookingId]) => bookingId).sort(), 'bookings').to.deep.equal(
        known.map(({ bookingId }) => bookingId).sort(),
      );
      for (const { bookingId, answer } of known) expect(state.bookings.get(bookingId)).to.deep.equal(answer.booking);
      const eventIds = stream.map(({ eventId }) => eventId);
      expect(new Set(eventIds).size, 'event ids').to.equal(eventIds.length);
      for (const store of stores) expect(store.mostInFlight).to.equal(1);
    });
  }
});

function scatterFaults(store: FaultyStore, random: () => number, count: number): void {
  const faults: readonly Fault[] = ['answer-lost', 'request-lost', 'unavailable'];
  for (let index = 0; index < count; index += 1) {
    const fault = random() < 0.3 ? faults[Math.floor(random() * faults.length)] : undefined;
    store.failNext('slot-hamlet', fault ?? (() => Promise.resolve()));
  }
}

/** Books, and then changes, confirms or gives back what it has. @returns the bookings that it knows of. */
async function clientOf(name: string, services: readonly CommandSide[], random: () => number): Promise<readonly Known[]> {
  const known = new Map<string, Known>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const own = [...known.values()].filter(({ answer }) => answer.booking?.claims.length !== 0);
    const one = own[Math.floor(random() * own.length)];
    const asked = one === undefined || random() < 0.4 ? null : nextFor(one, round);
    let tries = 0;
    // Each try of a new booking brings another id, as an edge makes it; the key alone tells that it is the same request.
    const answer = await untilAnswered(`${name}-${round}`, services, random, () => {
      tries += 1;
      return asked ?? bookBest(`${name}-${round}-${tries}`, 2);
    });
    const booking = answer?.booking;
    if (answer !== null && booking) known.set(booking.bookingId, { bookingId: booking.bookingId, answer });
  }
  return [...known.values()];
}

function nextFor({ bookingId, answer }: Known, round: number): SlotCommand {
  const unitIds = answer.booking?.claims.map(({ unitId }) => unitId) ?? [];
  if (answer.booking?.status === 'CONFIRMED') return cancel(bookingId, unitIds.slice(0, 1));
  if (round % 3 === 0) return cancel(bookingId);
  return round % 3 === 1 && unitIds.length > 1 ? change(bookingId, { drop: unitIds.slice(0, 1) }) : confirm(bookingId, bookingId);
}

/** The answer, once one arrives; null when it is a refusal. After errors, and answers lost on their way, the client asks again, on any instance. */
async function untilAnswered(
  key: string,
  services: readonly CommandSide[],
  random: () => number,
  make: () => SlotCommand,
): Promise<Accepted | null> {
  for (let tries = 0; tries < 100; tries += 1) {
    const service = services[Math.floor(random() * services.length)] as CommandSide;
    const result = await service.execute('hamlet', make(), keyed(key)).catch(() => null);
    const isLost = random() < 0.2;
    if (result !== null && !isLost) return result.kind === 'accepted' ? result : null;
  }
  throw new Error(`No answer to ${key} in 100 tries.`);
}
