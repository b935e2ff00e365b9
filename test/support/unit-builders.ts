import type { UnitSelection } from '../../src/domain/slot/commands.ts';
import type { Block, SlotEvent, UnitChange } from '../../src/domain/slot/events.ts';

/** What operators ask of units, and the events of it. Blocks are for the crew. */
export const block = (...units: readonly UnitSelection[]) => ({ type: 'BlockUnits', units, span: null, reason: 'crew' }) as const;
export const unblock = (...units: readonly UnitSelection[]) => ({ type: 'UnblockUnits', units, span: null, reason: null }) as const;
export const withdraw = (...units: readonly UnitSelection[]) => ({ type: 'WithdrawUnits', units, reason: null }) as const;
export const changeUnits = (...changes: readonly UnitChange[]) => ({ type: 'ChangeUnits', changes }) as const;

export const blocked = (...blocks: readonly Block[]): SlotEvent => ({ type: 'UnitsBlocked', blocks, reason: 'crew' });
export const unblocked = (...blocks: readonly Block[]): SlotEvent => ({ type: 'UnitsUnblocked', blocks, reason: null });

export function withdrawn(...units: readonly { readonly unitId: string; readonly quantity: number }[]): SlotEvent {
  return { type: 'UnitsWithdrawn', units, reason: null };
}
