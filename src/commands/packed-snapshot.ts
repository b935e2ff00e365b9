import { constants as limits } from 'node:buffer';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createDeflate, inflate } from 'node:zlib';

/** Bytes of one packed piece; the whole of a hall comes in a few of them. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes that a text may come to when it is unpacked: as many as V8 can hold in one string. */
const MAX_TEXT_BYTES = limits.MAX_STRING_LENGTH;

const unpack = promisify(inflate);

/**
 * Packs a text while it is written, a piece at a time, in a thread of the pool: a fifth of the bytes for the database
 * to take, and no more than a piece of the text in memory at once. Zlib's own format, which has a check sum.
 */
export function packText(pieces: Iterable<string>): Promise<Buffer> {
  const oneByOne = Readable.from(pieces, { highWaterMark: 1 });
  return pipeline(oneByOne, createDeflate({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES }), buffer);
}

/** @throws when it was not packed by `packText`, or is damaged. */
export async function unpackText(packed: Buffer): Promise<string> {
  return (await unpack(packed, { maxOutputLength: MAX_TEXT_BYTES })).toString();
}
