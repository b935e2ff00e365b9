import { type EventStore, StoreUnavailableError } from '../../eventstore/event-store.ts';
import { UnreadableLayoutError } from '../../eventstore/layout-reader.ts';
import type { LiveBuilds, ReadableBuild } from '../../projections/builds/live-builds.ts';
import { PoisonEventError } from '../../projections/fold.ts';
import { inventory } from '../../projections/inventory/inventory.ts';
import { type HeldSlot, type LayerPosition, type RedisInventory, unique } from '../../projections/redis/redis-inventory.ts';
import { MAX_ROWS } from '../../projections/redis/slot-codec.ts';
import { KeptSlot } from '../memory/kept-slot.ts';
import type { RedisStatistics } from '../memory/read-statistics.ts';
import type { LayoutSource, SlotRowSource, SourcedRows } from '../memory/slot-row-source.ts';
import { type RedisGate, RedisPassedByError } from './redis-gate.ts';

/** The first and the longest pause between looks at what somebody else is bringing, in milliseconds. */
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 32;
/** How often rows are brought up that events overtook on their way into Redis. */
const STORE_TRIES = 5;

type RowsHeld = Extract<HeldSlot, { kind: 'rows' }>;

/** What looking in Redis came to. */
type Found =
  | { readonly kind: 'rows'; readonly held: RowsHeld; readonly layer: LayerPosition }
  /** It is for the caller to bring the slot. */
  | ({ readonly kind: 'registered' } & Registration)
  | { readonly kind: 'passed-by' };

interface Registration {
  readonly epoch: string;
  readonly token: string;
}

export interface RedisRowsParts {
  readonly inventoryOf: (build: ReadableBuild) => RedisInventory;
  readonly gate: RedisGate;
  readonly next: SlotRowSource;
  /** Tells what a slot has beyond the rows that `next` gave. */
  readonly store: Pick<EventStore, 'readStream'>;
  readonly layouts: LayoutSource;
  readonly live: Pick<LiveBuilds, 'peek'>;
  /** Milliseconds to wait for what somebody else is bringing. */
  readonly waitMs: number;
}

/**
 * Slots that all instances share in Redis, in front of the next layer. Whoever misses one registers in
 * Redis before it loads: the others wait for it, and the feeder tells it of the slot's events, so that
 * rows which were overtaken on their way are never stored. Without Redis the next layer answers.
 */
export class RedisRows implements SlotRowSource {
  private readonly parts: RedisRowsParts;
  private readonly counts = { hits: 0, misses: 0, waited: 0, failures: 0 };
  private position: number | null = null;

  constructor(parts: RedisRowsParts) {
    this.parts = parts;
  }

  get statistics(): RedisStatistics {
    const { isConnected: connected, state: breaker } = this.parts.gate;
    return { ...this.counts, connected, breaker, position: this.position };
  }

  async load(slotId: string, claimsFrom: number): Promise<SourcedRows> {
    const { live, next } = this.parts;
    // Without a look at PostgreSQL, which may be gone.
    const build = live.peek(inventory);
    const shared = build === null ? null : this.parts.inventoryOf(build);
    const found = shared === null ? PASSED_BY : await this.find(shared, slotId, claimsFrom);
    if (shared !== null && found.kind === 'rows') {
      this.counts.hits += 1;
      return sourced(found.held, found.layer, shared);
    }
    this.counts.misses += 1;
    return shared !== null && found.kind === 'registered' ? this.bring(shared, slotId, claimsFrom, found) : next.load(slotId, claimsFrom);
  }

  /** The rows, or the word to bring them; passed by when neither can be had soon. */
  private async find(shared: RedisInventory, slotId: string, claimsFrom: number): Promise<Found> {
    const end = performance.now() + this.parts.waitMs;
    let waiting = false;
    for (let pause = FIRST_PAUSE_MS; performance.now() < end; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const read = await this.ask(() => shared.read(slotId));
      if (read === undefined || read.layer === null) return PASSED_BY;
      const { layer, held } = read;
      this.position = layer.position;
      if (held.kind === 'rows') return held.claimsFrom <= claimsFrom ? { kind: 'rows', held, layer } : PASSED_BY;
      if (held.kind === 'absent') {
        const { epoch } = layer;
        const token = unique();
        const registered = await this.ask(() => shared.register(slotId, epoch, token));
        if (registered === undefined) return PASSED_BY;
        if (registered) return { kind: 'registered', epoch, token };
      }
      if (!waiting) this.counts.waited += 1;
      waiting = true;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return PASSED_BY;
  }

  /** Loads the rows and puts them into Redis, for everybody; the caller gets them in any case. */
  private async bring(shared: RedisInventory, slotId: string, claimsFrom: number, registration: Registration): Promise<SourcedRows> {
    let settled = false;
    try {
      const loaded = await this.parts.next.load(slotId, claimsFrom);
      // Rows of another definition are of a build that took its place meanwhile.
      if (loaded.projection !== shared.projection) return loaded;
      const offered = await this.offer(shared, slotId, claimsFrom, registration, loaded);
      settled = offered.settled;
      return offered.rows;
    } finally {
      if (!settled) await this.ask(() => shared.withdraw(slotId, registration.token));
    }
  }

  /**
   * Rows in PostgreSQL may lack events that the feeder had gone by before the registration was there, so
   * they are brought up by the slot's stream first: then they have everything that it will not be told of.
   *
   * @returns the rows as they are then, and whether the registration is settled: else it must be taken back.
   */
  private async offer(
    shared: RedisInventory,
    slotId: string,
    claimsFrom: number,
    { epoch, token }: Registration,
    loaded: SourcedRows,
  ): Promise<{ readonly rows: SourcedRows; readonly settled: boolean }> {
    const { store, layouts } = this.parts;
    let rows = loaded;
    try {
      const slot = await KeptSlot.of(slotId, loaded, claimsFrom, layouts);
      for (let tries = 1; tries <= STORE_TRIES; tries += 1) {
        await slot.catchUp(store);
        const { position } = slot;
        rows = { ...loaded, position, rows: slot.rows };
        if (slot.rowCount > MAX_ROWS) break;
        const content = { slotId, epoch, token, version: slot.version, position, claimsFrom, rows: slot.rows };
        const outcome = await this.ask(() => shared.store(content));
        if (outcome === undefined) break;
        if (outcome !== 'behind') return { rows, settled: true };
      }
    } catch (error) {
      // The rows are good for the caller, who finds out by itself what is wrong with their stream.
      const isOfStream = error instanceof PoisonEventError || error instanceof UnreadableLayoutError;
      if (!(isOfStream || error instanceof StoreUnavailableError)) throw error;
    }
    return { rows, settled: false };
  }

  /** Undefined when Redis failed, or is left alone. */
  private async ask<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await this.parts.gate.through(work);
    } catch (error) {
      if (!(error instanceof RedisPassedByError)) this.counts.failures += 1;
      return undefined;
    }
  }
}

const PASSED_BY: Found = { kind: 'passed-by' };

/**
 * Without the log nobody could tell that a slot which is kept as not there was not opened since.
 * Written out: V8 makes a new hidden class for each object that begins with a spread, where only slow collections look.
 */
function sourced({ slot, units, claims, position }: RowsHeld, layer: LayerPosition, { projection }: RedisInventory): SourcedRows {
  if (slot === null) return { projection, source: 'redis', rows: null, position: 0 };
  return { projection, source: 'redis', rows: { slot, units, claims }, position: Math.max(position, layer.position), withoutLog: true };
}
