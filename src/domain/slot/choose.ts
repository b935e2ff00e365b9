import { areAdjacent } from '../seating-plan.ts';
import { capacityOf, type Unit, type UnitQuantity } from '../unit.ts';
import { allocate, orphansLeft } from './allocation.ts';
import type { Claim, Selection } from './events.ts';
import { freeAt, type Offer, seating, unavailableAt } from './offer.ts';
import type { UnavailableUnit } from './refusals.ts';
import { type Ruling, refuse, refuseField } from './ruling.ts';
import { headOf, type SlotState } from './state.ts';

/**
 * Bytes of JSON that the claims of one booking may take. The event that ends the booking names them all, and the event
 * store takes 256 KiB: what else stands in such an event (ids, a reason, a payment's reference) takes 5 KiB at most.
 */
const MAX_CLAIM_BYTES = 240 * 1024;
/** So few claims fit whatever their units are called: an id has 512 bytes at most, and the numbers beside it some hundred. */
const FEW_CLAIMS = 256;

/** Units of a slot that were chosen, by index. */
export interface Chosen {
  readonly units: readonly { readonly index: number; readonly quantity: number }[];
  readonly adjacent: boolean;
}

/** The units of a selection, or why they cannot be had. */
export function choose(offer: Offer, selection: Selection): Chosen | Ruling {
  if (selection.kind === 'units') return chooseNamed(offer, selection.units, '/units', []);
  const { plan, freeRuns } = seating(offer);
  const { orphanSeats } = headOf(offer.state).policy;
  const found = allocate(plan, selection, (index) => freeAt(offer, index), {
    orphanPolicy: orphanSeats,
    ...(freeRuns === null ? {} : { freeRuns }),
  });
  switch (found.kind) {
    case 'allocated':
      return { units: found.units, adjacent: found.adjacent };
    case 'sold-out':
    case 'not-adjacent':
      return refuse({ kind: found.kind });
    case 'would-leave-orphan':
      return refuse({ kind: 'would-leave-orphan', orphans: unitIds(offer, found.orphans) });
  }
}

/** Exactly these units; `givenBack` are claims that the same decision frees. */
export function chooseNamed(offer: Offer, units: readonly UnitQuantity[], pointer: string, givenBack: readonly Claim[]): Chosen | Ruling {
  const { state } = offer;
  const chosen: { index: number; quantity: number }[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, { unitId, quantity }] of units.entries()) {
    const index = state.units.indexOf(unitId);
    if (index === undefined) return refuseField('unknown-unit', `${pointer}/${position}`, `the slot has no unit "${unitId}"`);
    const unit = state.units.at(index) as Unit;
    if (quantity > capacityOf(unit)) {
      return refuseField(
        'invalid-input',
        `${pointer}/${position}/quantity`,
        unit.capacity === undefined ? 'a numbered unit is one' : `the unit has only ${unit.capacity}`,
      );
    }
    if (freeWith(offer, index, givenBack) < quantity) unavailable.push(unavailableAt(offer, index));
    chosen.push({ index, quantity });
  }
  if (unavailable.length > 0) return refuse({ kind: 'seats-taken', unavailable });
  const { plan } = seating(offer);
  const indexes = chosen.map(({ index }) => index);
  if (headOf(state).policy.orphanSeats === 'forbid') {
    const orphans = orphansLeft(plan, (index) => freeWith(offer, index, givenBack), new Set(indexes));
    if (orphans.length > 0) return refuse({ kind: 'would-leave-orphan', orphans: unitIds(offer, orphans) });
  }
  return { units: chosen, adjacent: areAdjacent(plan, indexes) };
}

/** What is free of the unit once the claims are given back. */
function freeWith(offer: Offer, index: number, givenBack: readonly Claim[]): number {
  const free = freeAt(offer, index);
  if (givenBack.length === 0) return free;
  const unitId = offer.state.units.at(index)?.unitId;
  return free + (givenBack.find((claim) => claim.unitId === unitId)?.quantity ?? 0);
}

function unitIds(offer: Offer, indexes: readonly number[]): readonly string[] {
  return indexes.map((index) => (offer.state.units.at(index) as Unit).unitId);
}

/** How many units a selection asks for. */
export function quantityOf(selection: Selection): number {
  return selection.kind === 'bestAvailable' ? selection.quantity : selection.units.reduce((sum, unit) => sum + unit.quantity, 0);
}

/** Refuses more units than the slot lets one booking have. */
export function limitRefusal(state: SlotState, quantity: number, pointer: string): Ruling | null {
  const limit = headOf(state).policy.maxUnitsPerBooking;
  if (quantity <= limit) return null;
  return refuse({ kind: 'limit-exceeded', limit, fault: { pointer, message: `a booking has at most ${limit} units here` } });
}

/** Refuses claims that would take more room together than one event has for them. */
export function sizeRefusal(claims: readonly Claim[], pointer: string): Ruling | null {
  if (claims.length <= FEW_CLAIMS) return null;
  const bytes = new TextEncoder().encode(JSON.stringify(claims)).length;
  if (bytes <= MAX_CLAIM_BYTES) return null;
  const message = `the units of a booking take at most ${MAX_CLAIM_BYTES} bytes of JSON, not ${bytes}`;
  return refuse({ kind: 'limit-exceeded', limit: MAX_CLAIM_BYTES, fault: { pointer, message } });
}
