import type { SpanRequest } from '../../src/domain/axis.ts';
import type { BookingFilter, PageRead, SlotFilter } from '../../src/queries/answers.ts';
import type { AttemptFilter } from '../../src/queries/attempts.ts';
import type { EventsFilter } from '../../src/queries/audit.ts';
import type { Parts, Samples } from './parts.ts';

/** Something that is asked of the read side, by the code that a service asks it by. */
export interface Question {
  readonly group: string;
  readonly name: string;
  ask(parts: Parts, samples: Samples): unknown;
  /** Why it may read a large table from one end to the other; such a one is on no hot path. */
  readonly mayScan?: string;
}

const LIMIT = 50;
const HOUR = 3_600_000;
/** An index of it would be written to by every booking, and with it all other indexes of slots. */
const FREE_HAS_NO_INDEX = 'the number of free places changes with every booking';

export const QUESTIONS: readonly Question[] = [...units(), ...slotLists(), ...bookingLists(), ...others()];

function units(): readonly Question[] {
  const spans: readonly (readonly [string, (samples: Samples) => readonly [string, SpanRequest | null]])[] = [
    ['a show in a hall', ({ show }) => [show, null]],
    ['a trip, whole', ({ trip }) => [trip, null]],
    ['a trip, between two stops', ({ trip }) => [trip, { fromStop: 'stop-1', toStop: 'stop-3' }]],
    ['a fleet, over four hours', ({ fleet, fleetAt }) => [fleet, { from: fleetAt, to: fleetAt + 4 * HOUR }]],
  ];
  const group = 'a slot';
  return [
    { group, name: 'summary', ask: ({ queries }, { show }) => queries.slot(show) },
    ...spans.map(
      ([name, of]): Question => ({
        group,
        name: `availability: ${name}`,
        ask: ({ queries }, samples) => queries.availability(...of(samples)),
      }),
    ),
    ...spans.map(
      ([name, of]): Question => ({ group, name: `seat map: ${name}`, ask: ({ queries }, samples) => queries.seats(...of(samples)) }),
    ),
    { group, name: 'layout of 200 units', ask: ({ queries }) => queries.layout('hall') },
  ];
}

function slotLists(): readonly Question[] {
  const filters: readonly (readonly [string, (samples: Samples) => Partial<SlotFilter>, string?])[] = [
    ['all that are open', () => ({})],
    ['from an instant on', ({ from }) => ({ from })],
    ['of a week', ({ from, to }) => ({ from, to })],
    ['category', () => ({ category: 'vehicle' })],
    ['category, from an instant on', ({ from }) => ({ category: 'bus', from })],
    ['place', () => ({ venueId: 'venue-17' })],
    ['city, from an instant on', ({ from }) => ({ city: 'Oslo', from })],
    ['city that nobody has', () => ({ city: 'Atlantis' })],
    ['reference', ({ show }) => ({ reference: `ref-${show}` })],
    ['status', () => ({ status: 'CANCELLED' })],
    ['minimum free, from an instant on', ({ from }) => ({ minFree: 55, from })],
    [
      'minimum free that no slot has',
      () => ({ minFree: 100_000 }),
      'nothing but the number of free places tells, and it changes with every booking',
    ],
    ['text: a word of some titles', () => ({ text: 'hamlet' })],
    ['text: a city, which a twentieth is in', () => ({ text: 'london' })],
    ['text: two words, title and city', () => ({ text: 'swan prague' })],
    ['text: one letter', () => ({ text: 'h' }), 'half of all slots have a word that begins so'],
    ['text: misspelled', () => ({ text: 'hamlrt' })],
    ['text and filters', ({ from }) => ({ text: 'winter', category: 'theatre', from, minFree: 5 })],
    ['text, by price', () => ({ text: 'winter', sort: 'price' })],
    ['by price', () => ({ sort: 'price' })],
    ['by price, of a category', () => ({ sort: 'price', category: 'event' })],
    ['by free places', () => ({ sort: 'free' }), FREE_HAS_NO_INDEX],
    ['by free places, of a week', ({ from, to }) => ({ sort: 'free', from, to })],
  ];
  const paged = [
    'all that are open',
    'category, from an instant on',
    'text: a city, which a twentieth is in',
    'by price',
    'by free places, of a week',
  ];
  return filters.flatMap(([name, of, mayScan]) => {
    const group = 'lists of slots';
    const allowed = mayScan === undefined ? {} : { mayScan };
    const list: Question = { group, name, ...allowed, ask: ({ queries }, samples) => queries.slots({ limit: LIMIT, ...of(samples) }) };
    if (!paged.includes(name)) return [list];
    const next = (parts: Parts, samples: Samples) =>
      later(parts, (cursor) => parts.queries.slots({ limit: LIMIT, ...of(samples), ...cursor }));
    return [list, { ...list, name: `${name}; tenth page`, ask: next }];
  });
}

function bookingLists(): readonly Question[] {
  const filters: readonly (readonly [string, (samples: Samples) => Partial<BookingFilter>])[] = [
    ['all', () => ({})],
    ['customer', ({ customer }) => ({ customerId: customer })],
    ['customer who has none', () => ({ customerId: 'nobody' })],
    ['customer and status', ({ customer }) => ({ customerId: customer, status: 'CONFIRMED' })],
    ['slot', ({ fleet }) => ({ slotId: fleet })],
    ['slot and status', ({ fleet }) => ({ slotId: fleet, status: 'CANCELLED' })],
    ['slot and unit', ({ show }) => ({ slotId: show, unitId: 'A1' })],
    ['slot, of a day', ({ fleet, fleetAt }) => ({ slotId: fleet, from: fleetAt, to: fleetAt + 24 * HOUR })],
    ['unit of all shows', () => ({ unitId: 'A1' })],
    ['unit of all fleets', () => ({ unitId: 'van-7' })],
    ['unit, of a week', ({ from, to }) => ({ unitId: 'A1', from, to })],
    ['unit that nobody has', () => ({ unitId: 'Z99' })],
    ['reference', ({ reference }) => ({ reference })],
    ['status: held', () => ({ status: 'HELD' })],
    ['status: confirmed', () => ({ status: 'CONFIRMED' })],
    ['status: cancelled', () => ({ status: 'CANCELLED' })],
    ['status that none has', () => ({ status: 'FAILED' })],
    ['status, of a week', ({ from, to }) => ({ status: 'EXPIRED', from, to })],
    ['of a week', ({ from, to }) => ({ from, to })],
    ['customer and reference', ({ customer }) => ({ customerId: customer, reference: 'order-none' })],
    ['unit and status', () => ({ unitId: 'A1', status: 'HELD' })],
  ];
  const paged = ['all', 'slot', 'unit of all shows', 'status: confirmed'];
  const group = 'bookings';
  return [
    { group, name: 'one by its id', ask: ({ queries }, { booking }) => queries.booking(booking) },
    ...filters.flatMap(([name, of]) => {
      const list: Question = { group, name, ask: ({ queries }, samples) => queries.bookings({ limit: LIMIT, ...of(samples) }) };
      if (!paged.includes(name)) return [list];
      const next = (parts: Parts, samples: Samples) =>
        later(parts, (cursor) => parts.queries.bookings({ limit: 20, ...of(samples), ...cursor }));
      return [list, { ...list, name: `${name}; tenth page`, ask: next }];
    }),
  ];
}

function others(): readonly Question[] {
  const attempts: readonly (readonly [string, (samples: Samples) => Partial<AttemptFilter>])[] = [
    ['all', () => ({})],
    ['slot', ({ show }) => ({ slotId: show })],
    ['customer', () => ({ customerId: 'c-17' })],
    ['unit', () => ({ unitId: 'A1' })],
    ['unit that nobody has', () => ({ unitId: 'Z99' })],
    ['code', () => ({ code: 'sold-out' })],
    ['code that none has', () => ({ code: 'unknown-unit' })],
    ['of a week', ({ from, to }) => ({ from, to })],
    ['slot, code and week', ({ show, from, to }) => ({ slotId: show, code: 'sold-out', from, to })],
  ];
  const events: readonly (readonly [string, (samples: Samples) => Partial<EventsFilter>])[] = [
    ['from a position on', ({ position }) => ({ after: position })],
    ['of a week', ({ from, to }) => ({ from, to })],
    ['of a type', () => ({ types: ['BookingCancelled'] })],
    ['of a rare type', () => ({ types: ['SlotCancelled'] })],
    ['of a type that none has', () => ({ types: ['UnitsBlocked'] })],
    ['of a type, of a week', ({ from, to }) => ({ types: ['SlotCancelled'], from, to })],
  ];
  const hub = `SELECT slot_id, starts_at, hour, free, free_unit_ids FROM holdfast_views.hourly_availability
    WHERE hub = $1 AND model = $2 AND day = $3 ORDER BY starts_at`;
  return [
    {
      group: 'release of holds',
      name: 'slots with lapsed holds',
      ask: ({ overdue }, { overdueAt }) => overdue.expired(overdueAt, '', 100),
    },
    { group: 'release of holds', name: 'cancelled slots with bookings left', ask: ({ overdue }) => overdue.cancelled('', 100) },
    ...attempts.map(
      ([name, of]): Question => ({
        group: 'refused attempts',
        name,
        ask: (parts, samples) => parts.attempts.attempts({ limit: LIMIT, ...of(samples) }),
      }),
    ),
    ...events.map(
      ([name, of]): Question => ({
        group: 'events for auditors',
        name,
        ask: ({ audit }, samples) => audit.events({ after: 0, limit: LIMIT, upcast: false, ...of(samples) }),
      }),
    ),
    {
      group: 'events for auditors',
      name: 'a stream, and so a slot or a unit as of then',
      ask: ({ audit }, { show }) => audit.streamEvents(`slot-${show}`, 1, 1_000, false),
    },
    {
      group: 'for analysts',
      name: 'hours of a hub and model on a day',
      ask: ({ database }, { hub: at, model, day }) => database.query(hub, [at, model, day]),
    },
    {
      group: 'for analysts',
      name: 'sales of a day',
      ask: ({ database }, { day }) =>
        database.query('SELECT sum(units_sold), sum(amount_sold) FROM holdfast_views.daily_sales WHERE day = $1', [day]),
    },
    {
      group: 'for analysts',
      name: 'sales of a slot',
      ask: ({ database }, { show }) => database.query('SELECT * FROM holdfast_views.daily_category_sales WHERE slot_id = $1', [show]),
    },
  ];
}

/** The tenth page; only its own statement counts. */
async function later<Item>({ forget }: Parts, page: (cursor: { readonly cursor?: string }) => Promise<PageRead<Item>>): Promise<void> {
  let cursor: { readonly cursor?: string } = {};
  for (let number = 1; number <= 10; number += 1) {
    forget();
    const read = await page(cursor);
    if (read.kind !== 'found') throw new Error(read.kind);
    const { nextCursor } = read.read.value;
    if (nextCursor === null) return;
    cursor = { cursor: nextCursor };
  }
}
