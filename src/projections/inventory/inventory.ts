import type { Projection } from '../projection.ts';
import { layouts, layoutUnits } from './layouts.ts';
import { slotClaims } from './slot-claims.ts';
import { slotUnits } from './slot-units.ts';
import { slots } from './slots.ts';

/**
 * Slots, their units, what is taken of them, and the layouts that they share. One projection, because
 * one answer needs all of it as of one version: the counts need what a changed unit was before, and a
 * seat map needs the layout to be there when the slot is.
 */
export const inventory: Projection = {
  name: 'inventory',
  version: 1,
  events: [
    'LayoutDefined',
    'LayoutUnitsAdded',
    'LayoutCompleted',
    'SlotOpened',
    'UnitsAdded',
    'UnitsChanged',
    'UnitsBlocked',
    'UnitsUnblocked',
    'UnitsWithdrawn',
    'SlotChanged',
    'SlotClosed',
    'SlotReopened',
    'SlotCancelled',
    'CommandAcknowledged',
    'BookingRequested',
    'SeatsHeld',
    'HoldExtended',
    'BookingChanged',
    'BookingConfirmed',
    'SeatsReleased',
    'BookingCancelled',
    'BookingExpired',
  ],
  tables: [slots, slotUnits, slotClaims, layouts, layoutUnits],
};
