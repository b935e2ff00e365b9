import { createHash } from 'node:crypto';
import { decodePosition } from '../../src/http/position.ts';
import type { StreamEvent } from './event-stream.ts';

/** What all watchers of a crowd find together. */
export interface Verdicts {
  /** The state that somebody had at a version. Whoever else has that version, by whatever way, must have the same. */
  readonly digests: Map<number, string>;
  readonly faults: string[];
  resets: number;
  events: number;
}

interface Parsed {
  readonly version: number;
  readonly units: readonly { readonly unitId: string; readonly hash: number }[];
  readonly removed: readonly string[];
  readonly counts: string | null;
}

/** What many clients are sent is the same text: it is read once. So many texts are remembered. */
const MAX_TEXTS = 50;
const texts = new Map<string, Parsed>();

function parse(data: string): Parsed {
  let parsed = texts.get(data);
  if (parsed === undefined) {
    const body = JSON.parse(data);
    const counts = body.counts ?? body.slot?.counts ?? null;
    parsed = {
      version: body.version,
      units: (body.units ?? []).map((unit: { unitId: string }) => ({ unitId: unit.unitId, hash: hashOf(unit) })),
      removed: body.removed ?? [],
      counts: counts === null ? null : JSON.stringify(counts),
    };
    if (texts.size >= MAX_TEXTS) texts.delete([...texts.keys()][0] ?? '');
    texts.set(data, parsed);
  }
  return parsed;
}

function hashOf(unit: object): number {
  return createHash('sha256').update(JSON.stringify(unit)).digest().readUInt32BE(0);
}

/** The whole state in a few characters. */
export function digestOf(units: readonly object[], counts: object): string {
  return `${units.reduce((sum, unit) => sum + hashOf(unit), 0)} ${JSON.stringify(counts)}`;
}

/** A seat map of one of thousands of clients: of each unit it knows nothing but a hash. */
export class CrowdMap {
  version = 0;
  lastEventId: string | null = null;
  onVersion: (version: number) => void = () => undefined;
  private readonly hashes = new Map<string, number>();
  private readonly verdicts: Verdicts;
  private sum = 0;
  private counts = '';
  private position = 0;

  constructor(verdicts: Verdicts) {
    this.verdicts = verdicts;
  }

  get digest(): string {
    return `${this.sum} ${this.counts}`;
  }

  take({ event, id, data }: StreamEvent): void {
    this.verdicts.events += 1;
    const { version, units, removed, counts } = parse(data);
    if (id === null) {
      this.fault(`${event} without an id: ${data}`);
      return;
    }
    if (event === 'reset') this.begin();
    for (const { unitId, hash } of units) this.put(unitId, hash);
    for (const unitId of removed) this.put(unitId, 0);
    if (counts !== null) this.counts = counts;
    const position = decodePosition(id)?.position ?? 0;
    if (version < this.version || position < this.position) this.fault(`from version ${this.version} back to ${version}`);
    this.lastEventId = id;
    this.position = position;
    this.version = version;
    if (event === 'counts' || event === 'reset') this.compare();
  }

  private begin(): void {
    if (this.lastEventId !== null) this.verdicts.resets += 1;
    this.hashes.clear();
    this.sum = 0;
  }

  private put(unitId: string, hash: number): void {
    this.sum += hash - (this.hashes.get(unitId) ?? 0);
    this.hashes.set(unitId, hash);
  }

  private compare(): void {
    this.onVersion(this.version);
    const known = this.verdicts.digests.get(this.version);
    if (known === undefined) this.verdicts.digests.set(this.version, this.digest);
    else if (known !== this.digest) this.fault(`two states at version ${this.version}`);
  }

  private fault(what: string): void {
    if (this.verdicts.faults.length < 100) this.verdicts.faults.push(what);
  }
}
