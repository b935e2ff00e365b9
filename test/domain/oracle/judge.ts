import type { SlotCommand, UnitSelection } from '../../../src/domain/slot/commands.ts';
import type { Refusal, UnavailableUnit } from '../../../src/domain/slot/refusals.ts';
import type { UnitQuantity } from '../../../src/domain/unit.ts';
import type { Ledger } from './ledger.ts';
import { claimed, type UnitLedger } from './unit-ledger.ts';

type CommandOf<Type extends SlotCommand['type']> = Extract<SlotCommand, { type: Type }>;
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** @throws when the ledger says that what was refused could have been done, or was refused for another reason. */
export function judgeRefusal(ledger: Ledger, command: SlotCommand, refusal: Refusal, now: number): void {
  const wrong = reasonAgainst(ledger, command, refusal, now);
  if (wrong !== null) throw new Error(`${command.type} was refused as ${refusal.kind}, but ${wrong}`);
}

function reasonAgainst(ledger: Ledger, command: SlotCommand, refusal: Refusal, now: number): string | null {
  const booking = 'bookingId' in command ? ledger.bookings.get(command.bookingId) : undefined;
  const unless = (justified: boolean, otherwise: string) => (justified ? null : otherwise);
  switch (refusal.kind) {
    case 'slot-closed':
      return unless(ledger.status === 'CLOSED', `it is ${ledger.status}`);
    case 'slot-cancelled':
      return unless(ledger.status === 'CANCELLED', `it is ${ledger.status}`);
    case 'booking-not-found':
      // A booking that ended a day ago may be forgotten.
      return unless(booking === undefined || ledger.time - (booking.endedAt ?? ledger.time) >= 86_400_000, `it is ${booking?.status}`);
    case 'hold-expired':
      return unless(booking?.status === 'EXPIRED', `it is ${booking?.status}`);
    case 'already-released':
      return unless(booking?.status === 'CANCELLED', `it is ${booking?.status}`);
    case 'already-confirmed':
      return unless(booking?.status === 'CONFIRMED', `it is ${booking?.status}`);
    case 'hold-cap-reached':
      return unless(booking?.status === 'HELD' && booking.expiresAt === booking.maxExpiresAt, 'there is room');
    case 'seats-taken':
      return unavailableAgainst(ledger, command, refusal.unavailable, now);
    case 'sold-out':
      return command.type === 'RequestBooking' ? soldOutAgainst(ledger, command) : 'it chooses nothing';
    case 'not-adjacent':
      return unless(
        command.type === 'RequestBooking' && command.selection.kind === 'bestAvailable' && command.selection.adjacent === true,
        'nobody demanded it',
      );
    case 'would-leave-orphan':
      return unless(ledger.policy?.orphanSeats === 'forbid', 'orphans are not forbidden');
    default:
      return null;
  }
}

/** Each unit that is named must be out of reach, and each other one within. */
function unavailableAgainst(ledger: Ledger, command: SlotCommand, unavailable: readonly UnavailableUnit[], now: number): string | null {
  const named = new Set(unavailable.map(({ unitId }) => unitId));
  if (named.size === 0) return 'no unit is named';
  for (const [unitId, isTaken] of takenUnits(ledger, command, now)) {
    if (isTaken !== named.has(unitId)) return `${unitId} is ${isTaken ? 'taken and not named' : 'free'}`;
  }
  return null;
}

function takenUnits(ledger: Ledger, command: SlotCommand, now: number): readonly (readonly [string, boolean])[] {
  switch (command.type) {
    case 'RequestBooking': {
      const span = stretchOf(ledger, command, now);
      const units = command.selection.kind === 'units' ? command.selection.units : [];
      return units.map(({ unitId, quantity }) => [unitId, ledger.free(ledger.unit(unitId), span.from, span.to) < quantity]);
    }
    case 'ChangeBooking': {
      const { claims } = ledger.bookings.get(command.bookingId)!;
      const span = claims[0]!;
      return command.add.map(({ unitId, quantity }) => {
        const isThis = (unit: UnitSelection) => unit.unitId === unitId;
        const dropped = command.drop.find(isThis);
        const given = dropped === undefined ? 0 : (dropped.quantity ?? claims.find(isThis)!.quantity);
        return [unitId, ledger.free(ledger.unit(unitId), span.from, span.to) + given < quantity];
      });
    }
    case 'BlockUnits':
      return selected(ledger, command.units, (unit, quantity) => {
        const { from, to } = stretchOf(ledger, command, now);
        return quantity === undefined ? unit.most(from, to, claimed) > 0 : unit.most(from, to) + quantity > unit.capacity;
      });
    case 'WithdrawUnits':
      return selected(ledger, command.units, (unit, quantity = unit.capacity) => {
        const { from, to } = toCome(ledger, now);
        return quantity === unit.capacity ? unit.most(from, to, claimed) > 0 : unit.most(from, to) + quantity > unit.capacity;
      });
    case 'ChangeUnits': {
      const { from, to } = toCome(ledger, now);
      return command.changes.map(({ unitId, capacity }) => [
        unitId,
        ledger.unit(unitId).most(from, to) > (capacity ?? Number.POSITIVE_INFINITY),
      ]);
    }
    default:
      return [];
  }
}

function selected(
  ledger: Ledger,
  units: readonly UnitSelection[],
  isTaken: (unit: UnitLedger, quantity: number | undefined) => boolean,
): readonly (readonly [string, boolean])[] {
  return units.map(({ unitId, quantity }) => [unitId, isTaken(ledger.unit(unitId), quantity)]);
}

function soldOutAgainst(ledger: Ledger, command: CommandOf<'RequestBooking'>): string | null {
  const { selection } = command;
  if (selection.kind !== 'bestAvailable') return 'units were named';
  const { from, to } = stretchOf(ledger, command, 0);
  const free = { ordinary: 0, accessible: 0 };
  for (const unit of ledger.units.values()) {
    if (selection.category !== null && unit.terms.category !== selection.category) continue;
    free[unit.terms.accessible ? 'accessible' : 'ordinary'] += ledger.free(unit, from, to);
  }
  const ordinary = selection.quantity - selection.accessible;
  const enough = free.ordinary >= ordinary && free.accessible >= selection.accessible;
  return enough ? `${free.ordinary} and ${free.accessible} accessible are free` : null;
}

/** Where the command's span lies: stops by number, instants as they are, else the whole. */
function stretchOf(ledger: Ledger, command: CommandOf<'RequestBooking' | 'BlockUnits'>, now: number): Stretch {
  const { span } = command;
  if (span === null) return toCome(ledger, now);
  if ('fromStop' in span) return { from: Number(span.fromStop.slice(1)), to: Number(span.toStop.slice(1)) };
  return span;
}

function toCome({ axis }: Ledger, now: number): Stretch {
  if (axis.type === 'time') return { from: now, to: 8.64e15 };
  return { from: 0, to: axis.type === 'stops' ? axis.stops.length - 1 : 1 };
}

/** Whether deciding the command again, without a key, must change nothing: it says how things shall be, not what to add. */
export function isRepeatable(command: SlotCommand): boolean {
  const namesNoQuantity = (units: readonly (UnitSelection | UnitQuantity)[]) => units.every((unit) => unit.quantity === undefined);
  switch (command.type) {
    case 'ConfirmBooking':
    case 'ExtendHold':
    case 'CloseSlot':
    case 'ReopenSlot':
    case 'CancelSlot':
    case 'ChangeSlot':
    case 'ChangeUnits':
      return true;
    case 'CancelBooking':
      return command.units === null;
    case 'BlockUnits':
    case 'UnblockUnits':
      return namesNoQuantity(command.units);
    default:
      return false;
  }
}
