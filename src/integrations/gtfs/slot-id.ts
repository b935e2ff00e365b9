import { idPart, MAX_SLOT_ID } from '../id-part.ts';

/** `<prefix>-<trip>-<day>[-<time>]`. Two trips never share a slot id, and the same trip always has the same. */
export function tripSlotId(prefix: string, tripId: string, suffix: string): string {
  return `${prefix}-${idPart(tripId, MAX_SLOT_ID - `${prefix}--${suffix}`.length)}-${suffix}`;
}
