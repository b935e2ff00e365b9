import type { LogPlace } from '../commands/command-service.ts';

/** A place in the log; `streamId` and `version` are known when the answer was about one stream. */
export type Place = LogPlace | { readonly position: number };

const TEXT = /^(\d{1,16})(?:~(\d{1,16})~([\x21-\x7e]{1,160}))?$/;

/** The opaque text that stands in Holdfast-Position, in `position` and `next` of audit answers. */
export function encodePosition(place: Place): string {
  const text = 'streamId' in place ? `${place.position}~${place.version}~${place.streamId}` : String(place.position);
  const length = scratch.write(text, 'latin1');
  return scratch.toString('base64url', 0, length);
}

/** Longer than any text of a place. */
const scratch = Buffer.alloc(512);

/** @returns null for a text that encodePosition does not make. */
export function decodePosition(token: string): Place | null {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const match = TEXT.exec(text);
  // Decoding passes over what is not base64url; only the very text that was given out is taken back.
  if (match === null || Buffer.from(text, 'latin1').toString('base64url') !== token) return null;
  const position = Number(match[1]);
  if (!Number.isSafeInteger(position)) return null;
  const [, , version, streamId] = match;
  return version === undefined || streamId === undefined ? { position } : { position, version: Number(version), streamId };
}
