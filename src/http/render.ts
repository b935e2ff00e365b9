import { formatInstant } from '../commands/schemas/instants.ts';
import type { Axis, Stop } from '../domain/axis.ts';
import type { Layout } from '../domain/layout.ts';
import type { SlotSummary } from '../domain/slot/summary.ts';
import type { Unit } from '../domain/unit.ts';
import type { Availability, SeatView, SlotSeats } from '../queries/answers.ts';

/** Makes the JSON of slots, seats and layouts: instants become RFC 3339 in `Z`, everything else stays as it is. */

type Json = Readonly<Record<string, unknown>>;

function instantOrNull(instant: number | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

export function renderSummary(slot: SlotSummary): Json {
  return {
    slotId: slot.slotId,
    category: slot.category,
    title: slot.title,
    venue: slot.venue,
    startsAt: instantOrNull(slot.startsAt),
    endsAt: instantOrNull(slot.endsAt),
    timeZone: slot.timeZone,
    currency: slot.currency,
    status: slot.status,
    salesFrom: instantOrNull(slot.salesFrom),
    salesUntil: instantOrNull(slot.salesUntil),
    reference: slot.reference,
    metadata: slot.metadata,
    axis: renderAxis(slot.axis),
    layoutId: slot.layoutId,
    policy: slot.policy,
    version: slot.version,
    counts: slot.counts,
  };
}

function renderAxis(axis: Axis): Json {
  return axis.type === 'stops' ? { type: 'stops', stops: axis.stops.map(renderStop) } : { ...axis };
}

function renderStop(stop: Stop): Json {
  const { arrivesAt, departsAt, ...rest } = stop;
  return {
    ...rest,
    ...(arrivesAt === undefined ? {} : { arrivesAt: formatInstant(arrivesAt) }),
    ...(departsAt === undefined ? {} : { departsAt: formatInstant(departsAt) }),
  };
}

/** The entity tag of a slot's reads. On the `time` axis the counts change with the clock alone, so they are part of the tag. */
export function slotTag(slot: SlotSummary): string {
  const { free, held, sold, blocked } = slot.counts;
  return slot.axis.type === 'time' ? `"${slot.version}.${free}-${held}-${sold}-${blocked}"` : `"${slot.version}"`;
}

/** The entity tag of what is read over a span: once nothing of it can be booked, which the clock alone may bring about, it is another one. */
export function spanTag({ version, isOver }: { readonly version: number; readonly isOver: boolean }): string {
  return isOver ? `"${version}.over"` : `"${version}"`;
}

export function renderAvailability(availability: Availability): Json {
  return { slotId: availability.slotId, version: availability.version, categories: availability.categories };
}

export function renderSeatMap(seats: SlotSeats): Json {
  return { slotId: seats.slotId, version: seats.version, units: seats.units.map(renderSeat) };
}

/** A quantity unit says how many of it are what; its `status` is that of the unit as a whole, by the same order as a seat's. */
export function renderSeat({ unit, price, status, heldUntil, quantities }: SeatView): Json {
  const rendered = renderUnit(unit);
  rendered.price = price;
  if (quantities === null) {
    rendered.status = status;
    if (heldUntil !== null) rendered.heldUntil = formatInstant(heldUntil);
    return rendered;
  }
  const { free, held, sold, blocked } = quantities;
  rendered.status = free > 0 ? 'free' : sold > 0 ? 'sold' : held > 0 ? 'held' : 'blocked';
  return Object.assign(rendered, { free, held, sold, blocked });
}

/** Thousands of these are made for one map, and a spread that something is added to costs V8 many times as much. */
export function renderUnit(unit: Unit): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  Object.assign(rendered, unit);
  if (unit.availableFrom !== undefined) rendered.availableFrom = formatInstant(unit.availableFrom);
  if (unit.availableUntil !== undefined) rendered.availableUntil = formatInstant(unit.availableUntil);
  return rendered;
}

export function renderLayout(layout: Layout): Json {
  const { layoutId, name, focus } = layout;
  return { layoutId, name, ...(focus === undefined ? {} : { focus }), units: layout.units.map(renderUnit) };
}
