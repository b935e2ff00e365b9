import { formatInstant } from '../commands/schemas/instants.ts';
import type { OpenSlotInput } from '../commands/schemas/slots.ts';
import type { UnitInput } from '../commands/schemas/units.ts';
import { coachLayout } from './gtfs/seats.ts';
import { addDays, type CivilDate, instantOfWallClock } from './wall-clock.ts';

const ZONE = 'Europe/London';
/** Far enough ahead that nobody trying the sample meets its end. */
const DAYS_AHEAD = 30;

/**
 * Something of each kind to book at once: a show with seats and standing places, a bus trip with
 * stops and a few cars by the hour. Bodies of `POST /slots`; `now` is epoch milliseconds.
 */
export function sampleSlots(now: number): readonly (OpenSlotInput & { readonly slotId: string })[] {
  const today = new Date(now);
  const date = addDays({ year: today.getUTCFullYear(), month: today.getUTCMonth() + 1, day: today.getUTCDate() }, DAYS_AHEAD);
  return [hamlet(date), bus(date), cars()];
}

function at(date: CivilDate, hour: number, minute: number): string {
  return formatInstant(instantOfWallClock(date, hour, minute, ZONE));
}

function hamlet(date: CivilDate): OpenSlotInput & { readonly slotId: string } {
  return {
    slotId: 'hamlet',
    category: 'theatre',
    title: 'Hamlet',
    venue: { venueId: 'globe', name: 'Globe', city: 'London' },
    startsAt: at(date, 19, 30),
    endsAt: at(date, 22, 30),
    timeZone: ZONE,
    currency: 'GBP',
    units: [...stalls(), { unitId: 'yard', category: 'standing', price: 500, capacity: 100 }],
  };
}

/** Rows A to E of ten seats with an aisle in the middle; the front two rows are gold. */
function stalls(): UnitInput[] {
  return ['A', 'B', 'C', 'D', 'E'].flatMap((row, y) =>
    Array.from({ length: 10 }, (_, index): UnitInput => {
      const number = index + 1;
      const gold = y < 2;
      return {
        unitId: `${row}${number}`,
        section: 'Stalls',
        row,
        number: String(number),
        category: gold ? 'gold' : 'silver',
        price: gold ? 4_500 : 3_000,
        x: number <= 5 ? number : number + 1,
        y,
        ...(number === 5 ? { gapAfter: true } : {}),
      };
    }),
  );
}

function bus(date: CivilDate): OpenSlotInput & { readonly slotId: string } {
  return {
    slotId: 'bus-42',
    category: 'bus',
    title: 'Bus 42 London to Bristol',
    startsAt: at(date, 9, 0),
    endsAt: at(date, 11, 45),
    timeZone: ZONE,
    currency: 'GBP',
    axis: {
      type: 'stops',
      stops: [
        { stopId: 'london', name: 'London Victoria', departsAt: at(date, 9, 0) },
        { stopId: 'reading', name: 'Reading', arrivesAt: at(date, 10, 0), departsAt: at(date, 10, 5) },
        { stopId: 'swindon', name: 'Swindon', arrivesAt: at(date, 10, 50), departsAt: at(date, 10, 55) },
        { stopId: 'bristol', name: 'Bristol', arrivesAt: at(date, 11, 45) },
      ],
    },
    units: coachLayout(32).units.map((unit) => ({ ...unit, price: 600 })),
  };
}

function cars(): OpenSlotInput & { readonly slotId: string } {
  return {
    slotId: 'cars-airport',
    category: 'vehicle',
    title: 'Compact car at the airport',
    venue: { venueId: 'airport', name: 'Airport', city: 'London' },
    timeZone: ZONE,
    currency: 'GBP',
    axis: {
      type: 'time',
      opening: [{ days: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], from: '06:00', to: '22:00' }],
      bufferMinutes: 30,
    },
    units: Array.from(
      { length: 4 },
      (_, index): UnitInput => ({ unitId: `car-${index + 1}`, category: 'compact', price: 1_200, priceBasis: 'hour' }),
    ),
  };
}
