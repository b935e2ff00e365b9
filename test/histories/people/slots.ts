import type { LayoutContent } from '../../../src/domain/layout.ts';
import type { PriceBasis } from '../../../src/domain/unit.ts';
import type { Random } from '../../domain/oracle/random.ts';
import type { Json } from '../history.ts';
import { openingHours, salesWindow, text, timesOfOffer } from './windows.ts';

export type AxisType = 'whole' | 'stops' | 'time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BASES: Readonly<Record<AxisType, readonly PriceBasis[]>> = {
  whole: ['claim'],
  stops: ['claim', 'stop'],
  time: ['claim', 'hour', 'day'],
};
const STOPS = ['S0', 'S1', 'S2', 'S3'];

/** What clients know of a slot: what can be asked for. */
export interface SlotPlan {
  readonly slotId: string;
  readonly axis: AxisType;
  /** Numbered units in their row. */
  readonly seats: readonly string[];
  /** Quantity units. */
  readonly pools: readonly string[];
  /** The request that opens it; it lacks the id of the layout when there is one. */
  readonly opening: Json;
  /** What its units stand in, when that is stored apart. */
  readonly layout: LayoutContent | null;
  readonly opensAt: number;
}

/** A slot so small that its customers are always in each other's way. */
export function planSlot(
  random: Random,
  slotId: string,
  now: number,
  given: { readonly axis?: AxisType; readonly holdSeconds?: number } = {},
): SlotPlan {
  const { axis = random.pick<AxisType>(['whole', 'stops', 'time']), holdSeconds = random.pick([2, 5, 15]) } = given;
  const seats = Array.from({ length: random.between(2, 5) }, (_, index) => `A${index + 1}`);
  const pools = random.chance(0.6) ? ['Q1'] : [];
  const basis = BASES[axis];
  // Some begin while they are still being sold.
  const startsAt = now + (random.chance(0.8) ? 24 * HOUR : random.between(10, 60) * 1000);
  const hasLayout = random.chance(0.15);
  const terms = () => ({
    category: random.pick(['gold', 'gold', 'silver']),
    price: random.between(1, 9) * 100,
    priceBasis: random.pick(basis),
    ...(hasLayout ? {} : timesOfOffer(random, axis === 'time' ? firstHour(now) : startsAt)),
  });
  const units = [
    ...pools.map((unitId) => ({ unitId, ...terms(), capacity: random.between(2, 5) })),
    ...seats.map((unitId) => ({
      unitId,
      ...terms(),
      row: 'A',
      ...(random.chance(0.15) ? { gapAfter: true } : {}),
      ...(random.chance(0.15) ? { accessible: true } : {}),
    })),
  ];
  const { timeZone, opening: hours } = openingHours(random, now);
  const opening = {
    slotId,
    category: 'simulated',
    title: slotId,
    currency: 'GBP',
    timeZone,
    ...(axis === 'time' ? {} : { startsAt: text(startsAt), endsAt: text(startsAt + HOUR) }),
    ...salesWindow(random, now),
    axis: axisOf(random, axis, startsAt, hours),
    policy: {
      holdSeconds,
      maxHoldSeconds: holdSeconds * random.between(1, 3),
      maxUnitsPerBooking: random.between(2, 4),
      orphanSeats: random.pick(['allow', 'allow', 'avoid', 'forbid']),
    },
  };
  const common = { slotId, axis, seats, pools, opensAt: now };
  if (!hasLayout) return { ...common, opening: { ...opening, units }, layout: null };
  return { ...common, opening: { ...opening, prices: { gold: 900 } }, layout: { name: slotId, units } };
}

/** The request that opens it alone: what stands in a layout elsewhere is given inline. */
export function openingWithUnits({ opening, layout }: SlotPlan): Json {
  const { prices: _prices, ...body } = { units: layout?.units, ...opening } as Json;
  return body;
}

function axisOf(random: Random, type: AxisType, startsAt: number, hours: readonly Json[] | undefined): Json {
  if (type === 'whole') return { type };
  if (type === 'time') return { type, bufferMinutes: random.pick([0, 0, 30]), ...(hours === undefined ? {} : { opening: hours }) };
  const stops = STOPS.map((stopId, index) => ({ stopId, departsAt: text(startsAt + index * 10 * MINUTE) }));
  return { type, stops };
}

/** A span that the slot could have, perhaps while it is closed: never one on the whole axis, now and then none on a trip. */
export function anySpan(random: Random, { axis, opensAt }: SlotPlan, now: number): Json | undefined {
  if (axis === 'whole' || (axis === 'stops' && random.chance(0.2))) return undefined;
  if (axis === 'stops') {
    const from = random.between(0, STOPS.length - 2);
    return { fromStop: STOPS[from], toStop: STOPS[random.between(from + 1, STOPS.length - 1)] };
  }
  const hoursGone = Math.floor((now - opensAt) / HOUR);
  const from = firstHour(opensAt) + hoursGone * HOUR + random.between(0, 4) * 30 * MINUTE;
  return { from: text(from), to: text(from + random.between(1, 4) * 30 * MINUTE) };
}

/** The first full hour that has not begun before. */
function firstHour(instant: number): number {
  return Math.ceil(instant / HOUR) * HOUR;
}
