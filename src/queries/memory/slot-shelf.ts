import { type EventStore, type RecordedEvent, StoreUnavailableError } from '../../eventstore/event-store.ts';
import { SlotWeights, type Weighed } from '../../eventstore/slot-weights.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import type { FeedTaker } from '../../projections/memory/feed-follower.ts';
import type { ReadSource } from '../answers.ts';
import { KeptSlot } from './kept-slot.ts';
import { PassingMap } from './passing-map.ts';
import type { LayoutSource, SlotRowSource, SourcedRows } from './slot-row-source.ts';
import { within } from './within.ts';

/** Bytes that slots in memory may take together with their answers and layouts, unless told otherwise: some thousand halls, or fifty stadiums. */
export const MAX_SLOT_BYTES = 128 * 1024 * 1024;
/** Most events that are kept for a slot while it is being loaded; beyond, they are read from its stream instead. */
const MAX_WAITING_EVENTS = 2_000;
/** How much of the past of a slot over time is in memory, in milliseconds. Questions about what lies before go past it. */
const KEPT_PAST = 24 * 3_600_000;
const HOUR = 3_600_000;
/** Rows that can be answered from without the log wait for it no longer than this, in milliseconds. */
const LOG_BOUND_MS = 500;

export interface ShelfLog {
  warn(facts: object, message: string): void;
}

export interface FilledSlot {
  readonly slot: KeptSlot;
  /** The layer that it was loaded from. */
  readonly source: ReadSource;
  /** Everything up to this log position is in it; its own position may be farther. */
  readonly position: number;
  /** True when the log could not be asked for what it has beyond that; the slot was not kept then. */
  readonly stale?: true;
}

export interface ShelfCounts {
  readonly slots: number;
  readonly bytes: number;
  readonly evicted: number;
  /** Slots that were let go because an event could not be folded into them. */
  readonly dropped: number;
}

/** A slot on its way into memory, with what the feed has told of it meanwhile. */
interface Filling {
  readonly kind: 'filling';
  waiting: RecordedEvent[];
  /** Whether waiting events were thrown away because there were too many. */
  overrun: boolean;
  /** Whether what was loaded is no longer what is to be kept, so that it must be loaded again. */
  outdated: boolean;
  readonly filled: Promise<FilledSlot>;
}

interface Ready extends Weighed {
  readonly kind: 'ready';
  readonly slot: KeptSlot;
  /** Whether it was asked for since it was last looked at for making room. */
  used: boolean;
}

/**
 * The slots that a process has in memory, kept up by the feed. A slot is registered before it is
 * loaded: from then on the feed's events wait for it, and what was loaded is brought up to them by the
 * slot's own stream. So however long a load takes and whatever happens meanwhile, no old value stays.
 */
export class SlotShelf implements FeedTaker {
  private readonly parts: {
    readonly store: EventStore;
    readonly source: SlotRowSource;
    readonly layouts: LayoutSource;
    readonly log: ShelfLog;
    readonly maxBytes: number;
  };
  /** In the order in which they are looked at for making room. */
  private readonly entries = new PassingMap<string, Filling | Ready>();
  /** The log position up to which the feed's events were handed over, be they folded in already or not. */
  private handed = 0;
  /** The farthest log position of anything that was loaded: a stream, or another layer, may be ahead of the feed. Who has seen it must not be shown less. */
  private farthest = 0;
  private readonly weights = new SlotWeights();
  private evicted = 0;
  private dropped = 0;

  constructor(parts: {
    readonly store: EventStore;
    readonly source: SlotRowSource;
    readonly layouts: LayoutSource;
    readonly log: ShelfLog;
    readonly maxBytes?: number;
  }) {
    this.parts = { ...parts, maxBytes: parts.maxBytes ?? MAX_SLOT_BYTES };
  }

  get counts(): ShelfCounts {
    return { slots: this.entries.size, bytes: this.weights.bytes, evicted: this.evicted, dropped: this.dropped };
  }

  begin(position: number): void {
    this.handed = position;
  }

  async take(records: readonly RecordedEvent[]): Promise<void> {
    // Who delivers once more what was handed over takes nothing back by it.
    this.handed = Math.max(this.handed, records.at(-1)?.position ?? 0);
    const toFold = new Map<Ready, RecordedEvent[]>();
    for (const record of records) {
      const slotId = slotIdOfStream(record.streamId);
      const entry = slotId === null ? undefined : this.entries.get(slotId);
      if (entry === undefined) continue;
      if (entry.kind === 'filling') {
        letWait(entry, record);
        continue;
      }
      const ofSlot = toFold.get(entry);
      if (ofSlot === undefined) toFold.set(entry, [record]);
      else ofSlot.push(record);
    }
    for (const [entry, ofSlot] of toFold) await this.foldIn(entry, ofSlot);
  }

  /** The slot if it is in memory, with everything that the feed has handed over and folded in. */
  get(slotId: string): KeptSlot | undefined {
    const entry = this.entries.get(slotId);
    if (entry?.kind !== 'ready') return undefined;
    entry.used = true;
    return entry.slot;
  }

  /**
   * Brings a slot into memory; one load serves all who ask meanwhile.
   *
   * @throws ViewsUnavailableError, StoreUnavailableError; PoisonEventError when its stream cannot be folded.
   */
  fill(slotId: string, now: number): Promise<FilledSlot> {
    const known = this.entries.get(slotId);
    if (known?.kind === 'filling') return known.filled;
    // Loading begins in a later turn, so that the slot is registered before anything of it is read.
    const filled = Promise.resolve().then(() => this.load(filling, slotId, now));
    const filling: Filling = { kind: 'filling', waiting: [], overrun: false, outdated: false, filled };
    this.entries.set(slotId, filling);
    return filled;
  }

  /**
   * A slot as the next layer has it, when that can be answered from without the log; it is not kept.
   *
   * @throws what the next layer throws.
   */
  async glimpse(slotId: string, now: number): Promise<FilledSlot | null> {
    const claimsFrom = keptFrom(now);
    const loaded = await this.parts.source.load(slotId, claimsFrom);
    const slot = await KeptSlot.of(slotId, loaded, claimsFrom, this.parts.layouts);
    return loaded.withoutLog === true ? stale(slot, loaded) : null;
  }

  /** Lets go of everything; what is on its way in is loaded anew. */
  clear(): void {
    for (const [slotId, entry] of this.entries) {
      if (entry.kind === 'filling') entry.outdated = true;
      else this.drop(slotId, entry);
    }
  }

  /** Counts the slot's bytes anew, after answers were added to it. */
  recount(slot: KeptSlot): void {
    const entry = this.entries.get(slot.slotId);
    if (entry?.kind === 'ready' && entry.slot === slot) this.count(entry, slot);
  }

  private async load(filling: Filling, slotId: string, now: number): Promise<FilledSlot> {
    const { source, layouts } = this.parts;
    const claimsFrom = keptFrom(now);
    try {
      for (;;) {
        filling.outdated = false;
        const least = Math.max(this.handed, this.farthest);
        const loaded = await source.load(slotId, claimsFrom);
        this.farthest = Math.max(this.farthest, loaded.position);
        const slot = await KeptSlot.of(slotId, loaded, claimsFrom, layouts);
        // What the next layer had not reached yet, the feed will not hand over again.
        if (loaded.position < least && !(await this.readGap(slot, loaded))) {
          this.entries.delete(slotId);
          return stale(slot, loaded);
        }
        while (filling.overrun || filling.waiting.length > 0) await this.applyWaiting(filling, slot);
        // From here on nothing waits, so that nothing slips in between.
        if (filling.outdated) continue;
        this.keep(slot);
        return { slot, source: loaded.source, position: this.handed };
      }
    } catch (error) {
      this.entries.delete(slotId);
      throw error;
    }
  }

  private async applyWaiting(filling: Filling, slot: KeptSlot): Promise<void> {
    const { waiting, overrun } = filling;
    filling.waiting = [];
    filling.overrun = false;
    if (overrun || slot.isGapBefore(waiting)) await this.catchUp(slot);
    await slot.apply(waiting);
  }

  private keep(slot: KeptSlot): void {
    if (slot.bytes > this.parts.maxBytes) {
      this.entries.delete(slot.slotId);
      this.evicted += 1;
      return;
    }
    const entry: Ready = { kind: 'ready', slot, bytes: 0, layout: null, used: false };
    this.entries.delete(slot.slotId);
    this.entries.set(slot.slotId, entry);
    this.count(entry, slot);
  }

  /** Folds in what the slot's stream has beyond the rows. @returns false when the log is out of reach, and the rows will do without. */
  private async readGap(slot: KeptSlot, { withoutLog }: Pick<SourcedRows, 'withoutLog'>): Promise<boolean> {
    const caughtUp = this.catchUp(slot).then(() => true);
    if (withoutLog !== true) return caughtUp;
    const outOfReach = caughtUp.catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) return false;
      throw error;
    });
    return within(LOG_BOUND_MS, outOfReach);
  }

  private async catchUp(slot: KeptSlot): Promise<void> {
    await slot.catchUp(this.parts.store);
    this.farthest = Math.max(this.farthest, slot.position);
  }

  /** A slot that cannot take an event is let go: whoever asks next gets what the next layer makes of it. */
  private async foldIn(entry: Ready, records: readonly RecordedEvent[]): Promise<void> {
    const { slot } = entry;
    try {
      await slot.apply(records);
      slot.forgetBefore(Math.max(...records.map(({ recordedAt }) => recordedAt)) - KEPT_PAST);
      this.recount(slot);
    } catch (error) {
      this.parts.log.warn({ slotId: slot.slotId, err: error }, 'a slot was let go from memory');
      this.dropped += 1;
      this.drop(slot.slotId, entry);
    }
  }

  private count(entry: Ready, slot: KeptSlot): void {
    this.weights.weigh(entry, slot.bytes, slot.layout);
    if (this.weights.bytes > this.parts.maxBytes) this.evict();
  }

  /**
   * Lets go of what was not asked for since it was last looked at, which is about what was not used for
   * longest: keeping the exact order would cost every read more than all else that memory does for it.
   * What is on its way in stays.
   */
  private evict(): void {
    for (const [slotId, entry] of this.entries) {
      if (this.weights.bytes <= this.parts.maxBytes) return;
      if (entry.kind === 'filling') continue;
      if (entry.used) {
        entry.used = false;
        // Behind all others, where this very loop comes by again.
        this.entries.delete(slotId);
        this.entries.set(slotId, entry);
        continue;
      }
      this.evicted += 1;
      this.drop(slotId, entry);
    }
  }

  private drop(slotId: string, entry: Ready): void {
    if (this.entries.get(slotId) !== entry) return;
    this.entries.delete(slotId);
    this.weights.weigh(entry, 0, null);
  }
}

/** @param now epoch milliseconds. */
function keptFrom(now: number): number {
  return Math.floor((now - KEPT_PAST) / HOUR) * HOUR;
}

function stale(slot: KeptSlot, { source, position }: SourcedRows): FilledSlot {
  return { slot, source, position, stale: true };
}

function letWait(filling: Filling, record: RecordedEvent): void {
  if (filling.waiting.length < MAX_WAITING_EVENTS) {
    filling.waiting.push(record);
    return;
  }
  filling.waiting = [];
  filling.overrun = true;
}
