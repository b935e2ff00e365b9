import { type Random, seededRandom, wholeBetween } from '../../src/cli/rush/random.ts';
import type { SpanRequest } from '../../src/domain/axis.ts';
import type { Layout } from '../../src/domain/layout.ts';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import { decide } from '../../src/domain/slot/decide.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { SlotState } from '../../src/domain/slot/state.ts';
import type { Unit } from '../../src/domain/unit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When all stories begin; each slot that one is told of lives at another time. */
export const BEGINS = Date.UTC(2027, 0, 1);
/** What stands in a story for what differs from slot to slot. */
export const SLOT = '@SLOT@';
export const TITLE = '@TITLE@';
export const VENUE = '@VENUE@';
export const CITY = '@CITY@';
/** Followed by a number within the story. */
export const CUSTOMER = '@CUSTOMER@';

export const HALL: Layout = { layoutId: 'hall', name: 'A hall', units: rows('ABCDEFGHIJ', 20, 'gold') };

/** What happens to slots of a kind, and how many of a hundred slots are of it. */
export interface Kind {
  readonly category: string;
  readonly share: number;
  readonly bookings: number;
  readonly opening: Pick<OpenSlot, 'axis' | 'layoutId' | 'prices' | 'units'>;
  span(random: Random, now: number): SpanRequest | null;
  readonly units: readonly string[];
}

const STOPS = Array.from({ length: 6 }, (_, index) => ({ stopId: `stop-${index}`, departsAt: BEGINS + 9 * DAY + index * HOUR }));
const VANS = Array.from(
  { length: 20 },
  (_, index): Unit => ({ unitId: `van-${index + 1}`, category: 'van', price: 900, priceBasis: 'hour' }),
);
const SEATS = rows('ABCD', 10, 'seat');

export const KINDS: readonly Kind[] = [
  {
    category: 'theatre',
    share: 45,
    bookings: 105,
    opening: { axis: { type: 'whole' }, layoutId: HALL.layoutId, prices: { gold: 4_500 }, units: [] },
    span: () => null,
    units: HALL.units.map(({ unitId }) => unitId),
  },
  {
    category: 'bus',
    share: 30,
    bookings: 60,
    opening: { axis: { type: 'stops', stops: STOPS }, layoutId: null, prices: null, units: SEATS },
    span: (random) => {
      const from = wholeBetween(random, 0, 4);
      return { fromStop: `stop-${from}`, toStop: `stop-${wholeBetween(random, from + 1, 5)}` };
    },
    units: SEATS.map(({ unitId }) => unitId),
  },
  {
    category: 'vehicle',
    share: 3,
    bookings: 250,
    opening: { axis: { type: 'time', bufferMinutes: 30 }, layoutId: null, prices: null, units: VANS },
    span: (random, now) => {
      const from = Math.ceil(now / HOUR) * HOUR + wholeBetween(random, 1, 72) * HOUR;
      return { from, to: from + wholeBetween(random, 1, 10) * HOUR };
    },
    units: VANS.map(({ unitId }) => unitId),
  },
  {
    category: 'event',
    share: 22,
    bookings: 12,
    opening: {
      axis: { type: 'whole' },
      layoutId: null,
      prices: null,
      units: [{ unitId: 'yard', category: 'standing', price: 500, capacity: 60 }],
    },
    span: () => null,
    units: ['yard'],
  },
];

/** How a story ends. */
export type Ending = 'settled' | 'with-holds' | 'cancelled';

/** The life of one slot, decided by the real rules: three bookings in four are confirmed, some of them cancelled, the others lapse. */
export function storyOf(kind: Kind, ending: Ending, seed: number): readonly SlotFact[] {
  const random = seededRandom(seed);
  const state = new SlotState(SLOT, () => HALL);
  const facts: SlotFact[] = [];
  let now = BEGINS;
  const run = (command: SlotCommand) => {
    const decided = decide(state, { command, now, commandId: null, commandHash: null, ifMatch: null });
    facts.push(...decided.facts);
    return decided.facts.length > 0;
  };
  run(opening(kind));
  for (let booking = 1, tries = 0; booking <= kind.bookings && tries < 40 * kind.bookings; tries += 1) {
    now += wholeBetween(random, 1, 20) * MINUTE;
    const bookingId = `${SLOT}.b${booking}`;
    if (!run(request(bookingId, kind, random, now))) continue;
    const fate = random();
    if (fate < 0.75) run({ type: 'ConfirmBooking', bookingId, paymentReference: `pay-${SLOT}-${booking}`, units: null });
    if (fate < 0.05) run({ type: 'CancelBooking', bookingId, units: null, reason: 'changed their mind' });
    booking += 1;
  }
  now += HOUR;
  run({ type: 'ReleaseExpired', limit: 100 });
  if (ending === 'with-holds') for (let booking = 1; booking <= 20; booking += 1) run(request(`${SLOT}.h${booking}`, kind, random, now));
  if (ending === 'cancelled') {
    run({ type: 'CancelSlot', reason: 'rained off' });
    while (run({ type: 'ReleaseCancelled', limit: 100 }));
  }
  return facts;
}

function opening(kind: Kind): SlotCommand {
  const starts = kind.opening.axis.type === 'time' ? null : BEGINS + 9 * DAY;
  return {
    type: 'OpenSlot',
    slotId: SLOT,
    category: kind.category,
    title: TITLE,
    venue: { venueId: VENUE, name: `House ${VENUE}`, city: CITY },
    startsAt: starts,
    endsAt: starts === null ? null : starts + 3 * HOUR,
    timeZone: 'Europe/London',
    salesFrom: null,
    salesUntil: null,
    reference: `ref-${SLOT}`,
    metadata: {},
    policy: { holdSeconds: 600, maxHoldSeconds: 1_800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: false },
    currency: 'GBP',
    status: 'OPEN',
    ...kind.opening,
  };
}

function request(bookingId: string, kind: Kind, random: Random, now: number): SlotCommand {
  const units = new Set(
    Array.from({ length: wholeBetween(random, 1, 3) }, () => kind.units[wholeBetween(random, 0, kind.units.length - 1)] as string),
  );
  return {
    type: 'RequestBooking',
    bookingId,
    customerId: `${CUSTOMER}${bookingId.slice(`${SLOT}.b`.length)}`,
    selection: { kind: 'units', units: [...units].map((unitId) => ({ unitId, quantity: 1 })) },
    span: kind.span(random, now),
    expectedTotal: null,
    reference: random() < 0.3 ? `order-${bookingId}` : null,
    metadata: {},
    confirm: null,
  };
}

function rows(letters: string, seats: number, category: string): readonly Unit[] {
  return [...letters].flatMap((row) =>
    Array.from(
      { length: seats },
      (_, seat): Unit => ({ unitId: `${row}${seat + 1}`, category, row, number: String(seat + 1), price: 4_500 }),
    ),
  );
}
