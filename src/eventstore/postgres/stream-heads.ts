import { CHAIN_START } from '../hash-chain.ts';

/** At least so many streams are remembered, those written to last, and at most twice as many: some 20 MB. The end of any other one is looked up when it is appended to. */
const STREAMS = 50_000;

interface Head {
  readonly version: number;
  /** Of the event at the version, in hex. */
  readonly hash: string;
}

/**
 * How the chains of streams ended when this process last saw them. What is remembered may be out of date: it
 * is a guess at what the database has, which has the last word.
 */
export class StreamHeads {
  private young = new Map<string, Head>();
  /** Those that were young until there were too many. */
  private old: ReadonlyMap<string, Head> = new Map();

  /** The hash of the stream's event at the version; null when it is not known. */
  hashAt(streamId: string, version: number): string | null {
    if (version === 0) return CHAIN_START;
    const head = this.young.get(streamId) ?? this.old.get(streamId);
    return head?.version === version ? head.hash : null;
  }

  learn(streamId: string, version: number, hash: string): void {
    this.young.set(streamId, { version, hash });
    if (this.young.size < STREAMS) return;
    this.old = this.young;
    this.young = new Map();
  }
}
