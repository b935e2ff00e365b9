import { createHash } from 'node:crypto';

const MAX_SLOT_ID = 64;

/**
 * `<prefix>-<trip>-<day>[-<time>]`, made of letters, digits, `-` and `_` alone. A trip id that has
 * other characters, or is too long, is shortened and gets eight digits of its hash, so that two
 * trips never share a slot id and the same trip always has the same.
 */
export function tripSlotId(prefix: string, tripId: string, suffix: string): string {
  const plain = `${prefix}-${tripId}-${suffix}`;
  if (plain.length <= MAX_SLOT_ID && /^[A-Za-z0-9_-]+$/.test(plain)) return plain;
  const digest = createHash('sha256').update(tripId).digest('hex').slice(0, 8);
  const room = MAX_SLOT_ID - `${prefix}---${suffix}`.length - digest.length;
  return `${prefix}-${tripId.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room)}-${digest}-${suffix}`;
}
