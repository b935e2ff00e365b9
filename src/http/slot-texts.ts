import type { SlotSummary } from '../domain/slot/summary.ts';
import type { Unit } from '../domain/unit.ts';
import type { Availability, SeatView, SlotSeats } from '../queries/answers.ts';
import { renderAvailability, renderSeat, renderSeatMap, renderSummary } from './render.ts';

/** Writes what is read of slots as JSON: what JSON.stringify makes of the rendered answers, byte by byte. */

export function summaryText(slot: SlotSummary): string {
  return JSON.stringify(renderSummary(slot));
}

export function availabilityText(availability: Availability): string {
  return JSON.stringify(renderAvailability(availability));
}

/**
 * From one version of a map to the next a few seats change and thousands do not; those are not written
 * anew. Of a stadium of 8,564 seats that is most of what a new version costs.
 *
 * @param unitsStay whether the slot's next map is of the same unit objects. Of those that are gone with their map
 *   nothing is kept, which would be of no use, and in the way of quick collections.
 */
export function seatMapText(map: SlotSeats, unitsStay: boolean): string {
  const frame = JSON.stringify(renderSeatMap({ ...map, units: [] }));
  const end = frame.lastIndexOf(']');
  return `${frame.slice(0, end)}${map.units.map((seat) => seatText(seat, unitsStay)).join(',')}${frame.slice(end)}`;
}

interface WrittenSeat extends Pick<SeatView, 'price' | 'status' | 'heldUntil'> {
  readonly text: string;
}

/** What was last written of a unit. Layouts share their units among slots, which mostly say the same of them. */
const written = new WeakMap<Unit, WrittenSeat>();

function seatText(seat: SeatView, unitStays: boolean): string {
  const { unit, price, status, heldUntil, quantities } = seat;
  if (quantities !== null) return JSON.stringify(renderSeat(seat));
  const last = written.get(unit);
  if (last !== undefined && last.price === price && last.status === status && last.heldUntil === heldUntil) return last.text;
  const text = JSON.stringify(renderSeat(seat));
  if (unitStays) written.set(unit, { price, status, heldUntil, text });
  return text;
}
