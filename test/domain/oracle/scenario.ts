import type { SpanRequest } from '../../../src/domain/axis.ts';
import type { OpenSlot, SlotCommand, UnitSelection } from '../../../src/domain/slot/commands.ts';
import type { Selection } from '../../../src/domain/slot/events.ts';
import type { PriceBasis, Unit, UnitQuantity } from '../../../src/domain/unit.ts';
import { HOUR, MINUTE, NOW, openSlot, SECOND, STARTS, stopsAxis } from '../../support/slot-builders.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

export type AxisType = 'whole' | 'stops' | 'time';

const BASES: Readonly<Record<AxisType, readonly PriceBasis[]>> = {
  whole: ['claim'],
  stops: ['claim', 'stop'],
  time: ['claim', 'hour', 'day'],
};

/** A small slot: the smaller, the more often its customers get in each other's way. */
export function anySlot(random: Random, axisType: AxisType): OpenSlot {
  const axis =
    axisType === 'whole'
      ? ({ type: 'whole' } as const)
      : axisType === 'stops'
        ? stopsAxis(random.between(3, 6))
        : ({ type: 'time', bufferMinutes: random.pick([0, 0, 30]) } as const);
  const numbered = Array.from({ length: random.between(1, 5) }, (_, index) => anyUnit(random, axisType, `A${index + 1}`));
  const quantity = Array.from({ length: random.between(1, 2) }, (_, index) => ({
    ...anyUnit(random, axisType, `Q${index + 1}`),
    capacity: random.between(1, 5),
  }));
  const holdSeconds = random.pick([60, 300, 600]);
  return openSlot({
    axis,
    units: [...numbered, ...quantity],
    status: random.chance(0.95) ? 'OPEN' : 'CLOSED',
    policy: {
      holdSeconds,
      maxHoldSeconds: holdSeconds * random.between(1, 3),
      maxUnitsPerBooking: random.between(2, 6),
      orphanSeats: random.pick(['allow', 'allow', 'avoid', 'forbid']),
      acceptPast: random.chance(0.1),
    },
  });
}

function anyUnit(random: Random, axisType: AxisType, unitId: string): Unit {
  return {
    unitId,
    category: random.pick(['gold', 'gold', 'silver']),
    price: random.between(0, 50) * 100,
    priceBasis: random.pick(BASES[axisType]),
    row: 'A',
    ...(random.chance(0.15) ? { gapAfter: true } : {}),
    ...(random.chance(0.15) ? { accessible: true } : {}),
    ...(random.chance(0.05) ? { availableFrom: axisType === 'time' ? NOW + 3 * HOUR : STARTS + random.between(-1, 1) } : {}),
  };
}

/** How far the clock goes on before the next command; now and then it stands still, or is a little behind. */
export function anyPause(random: Random, axisType: AxisType): number {
  if (random.chance(0.3)) return 0;
  if (random.chance(0.05)) return -5 * SECOND;
  if (axisType === 'time' && random.chance(0.15)) return random.between(1, 12) * 30 * MINUTE;
  return random.pick([1, SECOND, 20 * SECOND, MINUTE, 5 * MINUTE]);
}

/** Any command that the edge would let through, mostly one that has something to do with the state. */
export function anyCommand(random: Random, ledger: Ledger, bookingId: string): SlotCommand {
  const makers: readonly (readonly [number, () => SlotCommand])[] = [
    [34, () => anyRequest(random, ledger, bookingId)],
    [12, () => anyConfirmation(random, ledger)],
    [10, () => anyCancellation(random, ledger)],
    [6, () => ({ type: 'ExtendHold', bookingId: anyBooking(random, ledger), seconds: random.pick([1, 60, 300, 900]) })],
    [10, () => anyChange(random, ledger)],
    [8, () => anyBlock(random, ledger)],
    [4, () => ({ type: 'WithdrawUnits', units: someSelections(random, ledger), reason: null })],
    [4, () => anyAddition(random, ledger)],
    [3, () => anyUnitChange(random, ledger)],
    [2, () => ({ type: random.pick(['CloseSlot', 'ReopenSlot', 'ReopenSlot', 'ReopenSlot'] as const), reason: null })],
    [0.3, () => ({ type: 'CancelSlot', reason: null })],
    [2, () => ({ type: random.pick(['ReleaseExpired', 'ReleaseCancelled'] as const), limit: random.between(1, 3) })],
    [1, () => ({ type: 'ChangeSlot', changes: { title: random.pick(['Hamlet', 'Macbeth']) } })],
  ];
  let mark = random.next() * makers.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of makers) {
    mark -= weight;
    if (mark < 0) return make();
  }
  throw new Error('the weights do not add up');
}

function anyRequest(random: Random, ledger: Ledger, bookingId: string): SlotCommand {
  const selection: Selection = random.chance(0.35)
    ? {
        kind: 'bestAvailable',
        quantity: random.between(1, 3),
        category: random.pick([null, null, 'gold', 'silver']),
        adjacent: random.pick([true, null, null, false]),
        accessible: random.chance(0.15) ? 1 : 0,
      }
    : { kind: 'units', units: someUnits(random, ledger) };
  return {
    type: 'RequestBooking',
    bookingId,
    customerId: `c-${random.between(1, 3)}`,
    selection,
    span: anySpan(random, ledger),
    expectedTotal: null,
    reference: null,
    metadata: {},
    confirm: random.chance(0.2) ? { paymentReference: `pay-${bookingId}` } : null,
  };
}

function anySpan(random: Random, ledger: Ledger): SpanRequest | null {
  const { axis } = ledger;
  if (axis.type === 'whole') return null;
  if (axis.type === 'stops') {
    if (random.chance(0.15)) return null;
    const from = random.between(0, axis.stops.length - 2);
    return { fromStop: `S${from}`, toStop: `S${random.between(from + 1, axis.stops.length - 1)}` };
  }
  const start = Math.floor(ledger.time / (30 * MINUTE)) * 30 * MINUTE;
  const from = random.chance(0.3) ? ledger.time - random.between(0, 4) * MINUTE : start + random.between(1, 16) * 30 * MINUTE;
  return { from, to: from + random.between(1, 10) * 30 * MINUTE };
}

/** Mostly one that is alive, or was a moment ago. */
function anyBooking(random: Random, ledger: Ledger): string {
  const known = [...ledger.bookings];
  if (known.length === 0 || random.chance(0.02)) return 'nobody';
  const alive = known.filter(([, { status }]) => status === 'HELD');
  return random.pick(alive.length > 0 && random.chance(0.6) ? alive : known.slice(-8))[0];
}

/** Null for all of it, or a part of what the booking has: of each unit all, or so many. */
function somePart(random: Random, ledger: Ledger, bookingId: string): readonly UnitSelection[] | null {
  const claims = ledger.bookings.get(bookingId)?.claims ?? [];
  if (claims.length === 0 || random.chance(0.5)) return null;
  return random
    .some(claims, random.between(1, 2))
    .map(({ unitId, quantity }) => (random.chance(0.3) ? { unitId } : { unitId, quantity: random.between(1, quantity) }));
}

function anyConfirmation(random: Random, ledger: Ledger): SlotCommand {
  const bookingId = anyBooking(random, ledger);
  const paymentReference = random.chance(0.85) ? `pay-${bookingId}` : 'pay-other';
  return { type: 'ConfirmBooking', bookingId, paymentReference, units: somePart(random, ledger, bookingId) };
}

function anyCancellation(random: Random, ledger: Ledger): SlotCommand {
  const bookingId = anyBooking(random, ledger);
  return { type: 'CancelBooking', bookingId, units: somePart(random, ledger, bookingId), reason: null };
}

function anyChange(random: Random, ledger: Ledger): SlotCommand {
  const bookingId = anyBooking(random, ledger);
  const drop = random.chance(0.7) ? (somePart(random, ledger, bookingId) ?? []) : [];
  const add = drop.length === 0 || random.chance(0.7) ? someUnits(random, ledger) : [];
  return { type: 'ChangeBooking', bookingId, add, drop, expectedTotal: null };
}

function anyBlock(random: Random, ledger: Ledger): SlotCommand {
  const span = ledger.axis.type === 'whole' || random.chance(0.1) ? null : anySpan(random, ledger);
  return { type: random.pick(['BlockUnits', 'UnblockUnits']), units: someSelections(random, ledger), span, reason: null };
}

function anyAddition(random: Random, ledger: Ledger): SlotCommand {
  const gone = [...ledger.units.values()].filter((unit) => unit.capacity === 0).map((unit) => unit.unitId);
  const unitId = gone.length > 0 && random.chance(0.6) ? random.pick(gone) : random.pick(['A6', 'Q3', 'Q4', 'A1']);
  const unit = anyUnit(random, ledger.axis.type, unitId);
  return { type: 'AddUnits', units: [unitId.startsWith('Q') ? { ...unit, capacity: random.between(1, 4) } : unit] };
}

function anyUnitChange(random: Random, ledger: Ledger): SlotCommand {
  const { unitId } = random.pick([...ledger.units.values()]);
  const change = random.pick([
    { price: 700 },
    { category: 'silver' },
    unitId.startsWith('Q') ? { capacity: random.between(1, 6) } : { price: 800 },
  ]);
  return { type: 'ChangeUnits', changes: [{ unitId, ...change }] };
}

function someUnits(random: Random, ledger: Ledger): readonly UnitQuantity[] {
  const all = [...ledger.units.values()];
  const there = all.filter((unit) => unit.capacity > 0 || random.chance(0.1));
  const known = there.length === 0 ? all : there;
  return random
    .some(known, random.pick([1, 1, 2, 3]))
    .map(({ unitId }) => ({ unitId, quantity: unitId.startsWith('Q') ? random.between(1, 3) : 1 }));
}

function someSelections(random: Random, ledger: Ledger): readonly UnitSelection[] {
  return someUnits(random, ledger).map(({ unitId, quantity }) => (random.chance(0.5) ? { unitId } : { unitId, quantity }));
}
