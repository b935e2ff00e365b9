import { z } from 'zod';

/**
 * Every string that comes in is made by this file: bounded in characters (code points, as JSON
 * Schema counts them) and free of what cannot be stored or shown. The patterns are written for the
 * `u` flag, which ajv sets by itself.
 */

/** Control characters, invisible format characters, lone surrogates, line and paragraph separators. */
const NOT_PRINTABLE = '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}';
/** PostgreSQL stores neither U+0000 nor lone surrogates; everything else may stand in free text. */
const NOT_STORABLE = '\\u0000\\p{Cs}';

const meanings = new Map<string, string>();

/** What a pattern of the schemas demands, in words that complete "must be …"; undefined for a pattern of no schema. */
export function meaningOfPattern(pattern: string): string | undefined {
  return meanings.get(pattern);
}

function patterned(pattern: string, meaning: string) {
  meanings.set(pattern, meaning);
  return z.string().regex(new RegExp(pattern, 'u'));
}

function bounded(excluded: string, kind: string, minimum: number, maximum: number) {
  return patterned(`^[^${excluded}]{${minimum},${maximum}}$`, `${minimum} to ${maximum} ${kind}`).meta({
    minLength: minimum,
    maxLength: maximum,
  });
}

/** One line that can be seen: for ids, names of parts, references. */
export function printable(maximum: number, minimum = 1) {
  return bounded(NOT_PRINTABLE, 'printable characters', minimum, maximum);
}

/** Free text, of all characters but U+0000 and lone surrogates. */
export function freeText(maximum: number, minimum = 1) {
  return bounded(NOT_STORABLE, 'characters, without U+0000 and lone surrogates', minimum, maximum);
}

export const slotIdSchema = patterned('^[A-Za-z0-9_-]{1,64}$', '1 to 64 letters, digits, "-" or "_"').meta({
  minLength: 1,
  maxLength: 64,
  example: 'hamlet-2027-01-15',
});
export const layoutIdSchema = patterned('^[A-Za-z0-9_-]{1,64}$', '1 to 64 letters, digits, "-" or "_"').meta({
  minLength: 1,
  maxLength: 64,
});
/** Covers ids that no booking can have, which are not found rather than refused. */
export const bookingIdSchema = printable(160);
export const streamIdSchema = printable(160);
export const unitIdSchema = printable(128);
export const customerIdSchema = printable(128);
export const stopIdSchema = printable(128);
export const categorySchema = printable(64);
export const referenceSchema = printable(64);
export const reasonSchema = freeText(500);
export const paymentReferenceSchema = printable(128);

/** A key of an object that the client fills. `__proto__` is refused because too many JSON tools drop it silently. */
export function objectKey(maximum: number) {
  const meaning = `1 to ${maximum} printable characters, and not "__proto__"`;
  return patterned(`^(?!__proto__$)[^${NOT_PRINTABLE}]{1,${maximum}}$`, meaning).meta({ minLength: 1, maxLength: maximum });
}

/** The client's own notes. */
export const metadataSchema = z
  .record(objectKey(40), freeText(500, 0))
  .refine((metadata) => Object.keys(metadata).length <= 50)
  .meta({ maxProperties: 50, description: 'at most 50 keys of at most 40 characters, values of at most 500' });

/** Registers a pattern with its meaning for the schemas of other files. */
export { patterned };
