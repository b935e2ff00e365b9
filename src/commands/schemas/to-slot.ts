import type { Axis, Stop } from '../../domain/axis.ts';
import { minuteOf } from '../../domain/resolve-span.ts';
import type { OpenSlot } from '../../domain/slot/commands.ts';
import type { SlotPolicy } from '../../domain/slot/events.ts';
import type { FieldFault } from '../../domain/slot/refusals.ts';
import { instantOf, instantOrNull } from './instants.ts';
import { type Mapped, mapped, orderFaults, sizeFaults } from './mapped.ts';
import type { AxisInput, OpenSlotInput } from './slots.ts';
import { MAX_INLINE_UNIT_BYTES, toUnit, unitFaults } from './to-units.ts';

export const DEFAULT_POLICY: SlotPolicy = {
  holdSeconds: 600,
  maxHoldSeconds: 1800,
  maxUnitsPerBooking: 10,
  orphanSeats: 'allow',
  acceptPast: false,
};

/** What the first event of a slot may take beside its units: axis, metadata, prices. */
const MAX_DESCRIPTION_BYTES = 96 * 1024;

/** Makes the command that opens a slot. On `stops` the trip starts at its first departure and ends at its last arrival unless the input says otherwise. */
export function toOpenSlot(input: OpenSlotInput, slotId: string): Mapped<OpenSlot> {
  const axis = toAxis(input.axis ?? { type: 'whole' });
  const units = (input.units ?? []).map(toUnit);
  const policy = withDefaults(input.policy);
  const startsAt = instantOrNull(input.startsAt) ?? firstDeparture(axis);
  const end = instantOrNull(input.endsAt);
  const arrival = lastArrival(axis);
  // A timetable in whole minutes has trips that take none: they have a start, and of an end nothing can be said.
  const endsAt = end ?? (arrival === startsAt ? null : arrival);
  const salesFrom = instantOrNull(input.salesFrom);
  const salesUntil = instantOrNull(input.salesUntil);
  const faults: FieldFault[] = [
    ...(axis.type === 'whole' && startsAt === null ? [{ pointer: '/startsAt', message: 'is required on the "whole" axis' }] : []),
    ...(end === null ? startFaults(input.startsAt, arrival) : orderFaults(startsAt, endsAt, '/endsAt', 'startsAt')),
    ...orderFaults(salesFrom, salesUntil, '/salesUntil', 'salesFrom'),
    ...policyFaults(policy),
    ...axisFaults(axis),
    ...(input.layoutId !== undefined && units.length > 0 ? [{ pointer: '/units', message: 'must be absent when layoutId is given' }] : []),
    ...(input.layoutId === undefined && input.prices !== undefined ? [{ pointer: '/prices', message: 'must come with layoutId' }] : []),
    ...unitFaults(units),
    ...sizeFaults(units, MAX_INLINE_UNIT_BYTES, '/units'),
    ...descriptionFaults(axis, input.prices),
  ];
  return mapped(faults, () => ({
    type: 'OpenSlot',
    slotId,
    category: input.category,
    title: input.title,
    venue: input.venue ?? null,
    startsAt,
    endsAt,
    timeZone: input.timeZone ?? 'UTC',
    currency: input.currency,
    status: input.status ?? 'OPEN',
    salesFrom,
    salesUntil,
    reference: input.reference ?? null,
    metadata: input.metadata ?? {},
    axis,
    layoutId: input.layoutId ?? null,
    prices: input.prices ?? null,
    units,
    policy,
  }));
}

/** Where the end is the last arrival, it is the start that was sent which may be wrong. */
function startFaults(startsAt: OpenSlotInput['startsAt'], arrival: number | null): readonly FieldFault[] {
  const start = instantOrNull(startsAt);
  if (start === null || arrival === null || start <= arrival) return [];
  return [{ pointer: '/startsAt', message: 'must not be later than the last arrival' }];
}

/** They share a bound: the greater of them is at fault. */
function descriptionFaults(axis: Axis, prices: OpenSlotInput['prices']): readonly FieldFault[] {
  const both = [axis, prices ?? null];
  const faults = sizeFaults(both, MAX_DESCRIPTION_BYTES, '/axis');
  if (faults.length === 0) return [];
  const [ofAxis = 0, ofPrices = 0] = both.map((part) => Buffer.byteLength(JSON.stringify(part)));
  return ofPrices > ofAxis ? sizeFaults(both, MAX_DESCRIPTION_BYTES, '/prices') : faults;
}

export function withDefaults(policy: OpenSlotInput['policy']): SlotPolicy {
  const given = { ...DEFAULT_POLICY, ...policy };
  // A client that asks for long holds and says nothing of the cap means at least as long a cap.
  return policy?.maxHoldSeconds === undefined ? { ...given, maxHoldSeconds: Math.max(given.maxHoldSeconds, given.holdSeconds) } : given;
}

function policyFaults(policy: SlotPolicy): readonly FieldFault[] {
  if (policy.maxHoldSeconds >= policy.holdSeconds) return [];
  return [
    { pointer: '/policy/maxHoldSeconds', message: `must be at least holdSeconds (${policy.holdSeconds}), got ${policy.maxHoldSeconds}` },
  ];
}

function toAxis(input: AxisInput): Axis {
  switch (input.type) {
    case 'whole':
      return { type: 'whole' };
    case 'stops':
      return { type: 'stops', stops: withDistinctIds(input.stops.map(toStop)) };
    case 'time':
      return {
        type: 'time',
        bufferMinutes: input.bufferMinutes ?? 0,
        ...(input.opening === undefined ? {} : { opening: input.opening }),
      };
  }
}

function toStop(input: Extract<AxisInput, { type: 'stops' }>['stops'][number]): Stop {
  const { arrivesAt, departsAt, ...rest } = input;
  return {
    ...rest,
    ...(arrivesAt === undefined ? {} : { arrivesAt: instantOf(arrivesAt) }),
    ...(departsAt === undefined ? {} : { departsAt: instantOf(departsAt) }),
  };
}

/** A stop that is called at again becomes `id~2`, then `id~3`, so that every call of the trip can be named. */
function withDistinctIds(stops: readonly Stop[]): readonly Stop[] {
  const taken = new Set<string>();
  return stops.map((stop) => {
    let stopId = stop.stopId;
    for (let call = 2; taken.has(stopId); call += 1) stopId = `${stop.stopId}~${call}`;
    taken.add(stopId);
    return { ...stop, stopId };
  });
}

function axisFaults(axis: Axis): readonly FieldFault[] {
  if (axis.type === 'whole') return [];
  if (axis.type === 'stops') return stopFaults(axis.stops);
  return (axis.opening ?? []).flatMap((hours, index) =>
    minuteOf(hours.to) <= minuteOf(hours.from) ? [{ pointer: `/axis/opening/${index}/to`, message: 'must be later than from' }] : [],
  );
}

/** A trip never goes back in time. Stops without times are passed over. */
function stopFaults(stops: readonly Stop[]): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  let before: number | null = null;
  for (const [index, stop] of stops.entries()) {
    for (const field of ['arrivesAt', 'departsAt'] as const) {
      const at = stop[field];
      if (at === undefined) continue;
      if (before !== null && at < before)
        faults.push({ pointer: `/axis/stops/${index}/${field}`, message: 'must not be earlier than the time before it' });
      before = at;
    }
  }
  return faults;
}

function firstDeparture(axis: Axis): number | null {
  return axis.type === 'stops' ? (axis.stops[0]?.departsAt ?? axis.stops[0]?.arrivesAt ?? null) : null;
}

function lastArrival(axis: Axis): number | null {
  return axis.type === 'stops' ? (axis.stops.at(-1)?.arrivesAt ?? axis.stops.at(-1)?.departsAt ?? null) : null;
}
