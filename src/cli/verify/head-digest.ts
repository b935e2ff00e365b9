import { createHash } from 'node:crypto';

/** What was the log's history at a position: equal digests, equal history. */
export interface HeadDigest {
  readonly position: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

const TEXT = /^holdfast:(\d{1,15}):([0-9a-f]{64})$/;

/** The form to keep elsewhere. */
export function formatDigest({ position, sha256 }: HeadDigest): string {
  return `holdfast:${position}:${sha256}`;
}

/** @returns null for a text that formatDigest does not make. */
export function parseDigest(text: string): HeadDigest | null {
  const match = TEXT.exec(text.trim());
  return match === null ? null : { position: Number(match[1]), sha256: match[2] as string };
}

/** What of an event the digest covers; its hash covers everything else. */
export interface DigestedEvent {
  readonly position: number;
  /** Epoch milliseconds. */
  readonly recordedAt: number;
  /** Lower-case hex. */
  readonly hash: string;
}

/**
 * Folds events in the order of their positions. The digest is the SHA-256 of one line for each event,
 * `<position> <recorded_at> <hash>` and a line feed, so that anybody can make it without Holdfast:
 *
 *     psql -Atc "SELECT position || ' ' || recorded_at || ' ' || encode(hash, 'hex')
 *                  FROM holdfast.events WHERE position <= … ORDER BY position" | sha256sum
 */
export class DigestFold {
  private readonly hash = createHash('sha256');
  private position = 0;

  take({ position, recordedAt, hash }: DigestedEvent): void {
    this.hash.update(`${position} ${recordedAt} ${hash}\n`);
    this.position = position;
  }

  /** The digest of what was taken so far. */
  digest(): HeadDigest {
    return { position: this.position, sha256: this.hash.copy().digest('hex') };
  }
}
