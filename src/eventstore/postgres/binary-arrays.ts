/**
 * One-dimensional arrays in PostgreSQL's binary format, which needs no escaping: JSON texts are full of
 * quotes, and escaping them costs more than all the rest of a call.
 */

const TEXT_OID = 25;
const BYTEA_OID = 17;
const HEADER_BYTES = 20;

export function textArray(texts: readonly string[]): Buffer {
  let bytes = HEADER_BYTES;
  for (const text of texts) bytes += 4 + Buffer.byteLength(text);
  const buffer = withHeader(bytes, TEXT_OID, texts.length);
  let offset = HEADER_BYTES;
  for (const text of texts) {
    const written = buffer.write(text, offset + 4);
    buffer.writeInt32BE(written, offset);
    offset += 4 + written;
  }
  return buffer;
}

/** @param texts hex digits, two for each byte. */
export function byteaArray(texts: readonly string[]): Buffer {
  let bytes = HEADER_BYTES;
  for (const text of texts) bytes += 4 + text.length / 2;
  const buffer = withHeader(bytes, BYTEA_OID, texts.length);
  let offset = HEADER_BYTES;
  for (const text of texts) {
    const written = buffer.write(text, offset + 4, 'hex');
    buffer.writeInt32BE(written, offset);
    offset += 4 + written;
  }
  return buffer;
}

export function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

function withHeader(bytes: number, elementOid: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(0, 4); // no nulls
  buffer.writeInt32BE(elementOid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16); // first index
  return buffer;
}
