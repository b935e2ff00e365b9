/** 4 MiB of bits, enough for some five million keys before one answer in ten is a false yes. */
const BITS = 2 ** 25;
const HASHES = 4;

/**
 * A set of keys that never forgets one and, of those that it was never given, takes a few for its own (a
 * Bloom filter): "no" is certain, "yes" is not. Its size does not grow; the fuller, the more often "yes".
 */
export class KeyFilter {
  private readonly words = new Int32Array(BITS / 32);

  add(key: string): void {
    const [first, step] = hashesOf(key);
    for (let hash = 0, at = first; hash < HASHES; hash += 1, at += step) {
      const bit = at & (BITS - 1);
      this.words[bit >>> 5] = (this.words[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  mayHave(key: string): boolean {
    const [first, step] = hashesOf(key);
    for (let hash = 0, at = first; hash < HASHES; hash += 1, at += step) {
      const bit = at & (BITS - 1);
      if (((this.words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Two hashes of the text, of which the others are made: FNV-1a, and the same once more mixed. */
function hashesOf(text: string): readonly [first: number, step: number] {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  // Odd, so that the steps go through all bits.
  return [hash >>> 0, (mixed ^ (mixed >>> 16)) | 1];
}
