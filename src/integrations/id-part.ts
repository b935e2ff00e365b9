import { createHash } from 'node:crypto';

/** Characters that a slot id may have. */
export const MAX_SLOT_ID = 64;

const DIGITS = 8;

/**
 * An id of somebody else's as a part of a slot id, made of letters, digits, `-` and `_` alone. One that has other
 * characters, or is longer than `room`, is shortened and gets eight digits of its hash, so that two never come to
 * the same and one is always the same.
 */
export function idPart(id: string, room: number): string {
  if (id.length <= room && /^[A-Za-z0-9_-]+$/.test(id)) return id;
  const digest = createHash('sha256').update(id).digest('hex').slice(0, DIGITS);
  return `${id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room - DIGITS - 1)}-${digest}`;
}
