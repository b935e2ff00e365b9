import type { RecordedEvent } from '../../eventstore/event-store.ts';
import { CHAIN_START, chainHash } from '../../eventstore/hash-chain.ts';
import type { FaultList } from './faults.ts';

/** What the table of streams says of a stream. */
export interface StreamHead {
  readonly streamId: string;
  readonly version: number;
  readonly headHash: string;
}

/**
 * One stream's chain, recomputed from the stored bytes: versions 1, 2, 3 …, each event's hash over its
 * own bytes and the hash before it. Behind a fault it goes on from what is stored, so that one broken
 * link is told once.
 */
export class ChainCheck {
  readonly streamId: string;
  private readonly faults: FaultList;
  private version = 0;
  private position = 0;
  private hash = CHAIN_START;

  constructor(streamId: string, faults: FaultList) {
    this.streamId = streamId;
    this.faults = faults;
  }

  take(event: RecordedEvent): void {
    const where = placeOf(event);
    if (event.version !== this.version + 1) this.faults.add('versions', where, `follows version ${this.version}`);
    if (event.position <= this.position) this.faults.add('versions', where, `stands in the log before the version before it`);
    if (event.previousHash !== this.hash) this.faults.add('hash-chain', where, 'does not continue from the hash of the event before it');
    if (chainHash(event.previousHash, event) !== event.hash) this.faults.add('hash-chain', where, 'its hash is not that of its bytes');
    this.version = event.version;
    this.position = event.position;
    this.hash = event.hash;
  }

  /** @param head what the table of streams has; undefined when it does not know the stream. */
  finish(head: StreamHead | undefined): void {
    if (head?.version === this.version && head.headHash === this.hash) return;
    const told =
      head === undefined ? 'is not in the table of streams' : `ends otherwise than the table of streams says (version ${head.version})`;
    this.faults.add('stream-heads', `${this.streamId} version ${this.version}`, told);
  }
}

export function placeOf({ streamId, version, position }: { streamId: string; version: number; position: number }): string {
  return `${streamId} version ${version} (position ${position})`;
}
