import { isDeepStrictEqual } from 'node:util';
import type { SpanRequest } from '../../domain/axis.ts';
import type { Counts } from '../../domain/slot/summary.ts';
import type { SeatView } from '../answers.ts';
import type { LiveChange, LiveState, LiveText } from './live-maps.ts';
import { isSameDescription, seatDifference } from './seat-difference.ts';
import type { TouchedUnits } from './touched-units.ts';

/** Versions that were told, so that who has one of them is known to have exactly that. A minute of a rush, at the least. */
const MAX_TOLD = 2_000;
/** Ids of units that are gone are remembered up to here; beyond, who was away gets the whole state. */
const MAX_REMOVED = 10_000;
/** Clients that are behind are mostly behind by the same; beyond so many different texts, or bytes of them, they are made anew. A stadium as a whole is 2 MB. */
const MAX_TEXTS = 64;
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/**
 * A whole state of so many bytes is written for all who come within so many milliseconds, who are told the way on from
 * there as well: each version of a stadium is 2 MB to write and, until it is read, to keep.
 */
const LARGE_BYTES = 64 * 1024;
const LARGE_FOR_MS = 2_000;

/** What is told of a slot at the start. */
export interface Whole extends Told {
  readonly bytes: Buffer;
  readonly position: number;
  /** On the process's own clock. */
  readonly writtenAt: number;
}

/** What a client has when it was told. */
export interface Told {
  readonly version: number;
  readonly epoch: number;
  readonly recounts: number;
}

/**
 * A slot over a span, as it was told last. Instead of keeping what was sent, it keeps for each unit the
 * version at which it was last seen to change: that is bounded by the units, and tells whoever comes
 * back, however long he was away, all that is new to him in one piece.
 */
export class Channel {
  readonly span: SpanRequest | null;
  /** Raised when what was told before is void, so that everybody needs the whole state. */
  epoch = 0;
  /** How often other counts were told of a version than before: on the time axis they go with the clock. */
  recounts = 0;
  private known: LiveState;
  private readonly touched: TouchedUnits;
  private readonly text: LiveText;
  private readonly now: () => number;
  private readonly changedAt = new Map<string, number>();
  private readonly removedAt = new Map<string, number>();
  private slotChangedAt = 0;
  private readonly told = new Set<number>();
  /** Who comes back with an older version than this has something that is void. */
  private validFrom = 0;
  private latest: Whole | null = null;
  private readonly texts = new Map<number, Buffer>();
  private textBytes = 0;

  constructor(parts: {
    readonly state: LiveState;
    readonly span: SpanRequest | null;
    readonly touched: TouchedUnits;
    readonly text: LiveText;
    /** The log's clock in epoch milliseconds. */
    readonly now: () => number;
  }) {
    this.known = parts.state;
    this.span = parts.span;
    this.touched = parts.touched;
    this.text = parts.text;
    this.now = parts.now;
    this.told.add(parts.state.version);
    if (isByClock(parts.state)) this.validFrom = parts.state.version + 1;
  }

  get state(): LiveState {
    return this.known;
  }

  get version(): number {
    return this.known.version;
  }

  /** Whether the clock has made of the state something else than what is known. */
  get isOutdated(): boolean {
    return this.known.changesAt <= this.now();
  }

  /** Takes the slot as it is now. An older state than the one that is known is of no use. */
  advance(next: LiveState): void {
    const before = this.known;
    if (next.version < before.version) return;
    const { changed, removed } = seatDifference(before.units, next.units);
    const sameSlot = isSameDescription(before.slot, next.slot);
    if (next.version === before.version) {
      // It is over by the clock, or the rows are another definition's, which sees the same events in another way.
      if (changed.length + removed.length > 0 || !sameSlot) this.restart(next);
      else this.known = { ...before, isOver: next.isOver, changesAt: next.changesAt };
      return;
    }
    // Who has one of these versions from before it was over, here or from another instance, has other units. So has he who
    // read the one before when it was over already, while nobody had looked at it here.
    const becameOver = (isByClock(next) && !isByClock(before)) || this.isOutdated;
    if (becameOver || this.removedAt.size + removed.length > MAX_REMOVED) {
      this.restart(next);
      return;
    }
    this.known = { ...next, position: Math.max(before.position, next.position) };
    this.forgetTexts();
    for (const unitId of changed) {
      this.changedAt.set(unitId, next.version);
      this.removedAt.delete(unitId);
    }
    for (const unitId of removed) {
      this.changedAt.delete(unitId);
      this.removedAt.set(unitId, next.version);
    }
    if (!sameSlot) this.slotChangedAt = next.version;
    this.remember(next.version);
  }

  /** Takes the counts of the version that is known, as of now. @returns whether they are others than before. */
  recount(counts: Counts): boolean {
    const { slot } = this.known;
    if (isDeepStrictEqual(slot.counts, counts)) return false;
    this.known = { ...this.known, slot: { ...slot, counts } };
    this.recounts += 1;
    this.forgetTexts();
    return true;
  }

  /** Whether all that is new to who has this version can be told; else the whole state must be. */
  canResume(version: number): boolean {
    if (version > this.version || version < this.validFrom) return false;
    return this.told.has(version) || version >= this.touched.knownFrom;
  }

  /** The whole state at that version at the least, or as it is where that is ahead; not older than some seconds, and what is new since then can be told. */
  whole(atLeast: number): Whole {
    const { latest } = this;
    if (latest !== null && latest.version >= Math.min(atLeast, this.version) && this.isTold(latest)) return latest;
    const { version, epoch, recounts } = this;
    const bytes = this.text.reset(this.known);
    this.latest = { bytes, version, epoch, recounts, position: this.known.position, writtenAt: performance.now() };
    return this.latest;
  }

  /** What is new to who has the version; there must be a way from it. */
  since(version: number): Buffer {
    let bytes = this.texts.get(version);
    if (bytes === undefined) {
      bytes = this.text.change(this.changeSince(version));
      if (this.texts.size >= MAX_TEXTS || this.textBytes + bytes.length > MAX_TEXT_BYTES) this.forgetTexts();
      this.texts.set(version, bytes);
      this.textBytes += bytes.length;
    }
    return bytes;
  }

  private changeSince(from: number): LiveChange {
    const { slot, units, version, position } = this.known;
    // Who has a version that was not told may have seen what was undone before the next one that was.
    const exact = this.told.has(from);
    const isNew = ({ unit: { unitId } }: SeatView) =>
      (this.changedAt.get(unitId) ?? 0) > from || (!exact && this.touched.hasUnitAfter(unitId, from));
    const slotIsNew = this.slotChangedAt > from || (!exact && this.touched.isSlotTouchedAfter(from));
    return {
      slotId: slot.slotId,
      from,
      version,
      position,
      slot: slotIsNew ? slot : null,
      units: units.filter(isNew),
      removed: this.removedSince(from, exact),
      counts: slot.counts,
    };
  }

  private removedSince(from: number, exact: boolean): readonly string[] {
    const removed = new Set<string>();
    for (const [unitId, removedAt] of this.removedAt) if (removedAt > from) removed.add(unitId);
    if (!exact) {
      const there = new Set(this.known.units.map(({ unit }) => unit.unitId));
      for (const unitId of this.touched.unitsAfter(from)) if (!there.has(unitId)) removed.add(unitId);
    }
    return [...removed];
  }

  /** Begins anew with a state that everybody must be told as a whole, also who comes back with its very version. */
  private restart(next: LiveState): void {
    this.known = next;
    this.epoch += 1;
    this.forgetTexts();
    this.told.clear();
    this.changedAt.clear();
    this.removedAt.clear();
    this.validFrom = next.version + 1;
  }

  private remember(version: number): void {
    this.told.add(version);
    const [oldest] = this.told;
    if (this.told.size > MAX_TOLD && oldest !== undefined) this.told.delete(oldest);
  }

  private isTold({ bytes, version, epoch, recounts, writtenAt }: Whole): boolean {
    if (epoch !== this.epoch) return false;
    if (version === this.version && recounts === this.recounts) return true;
    return bytes.length >= LARGE_BYTES && performance.now() - writtenAt < LARGE_FOR_MS && this.canResume(version);
  }

  private forgetTexts(): void {
    if (this.latest !== null && !this.isTold(this.latest)) this.latest = null;
    this.texts.clear();
    this.textBytes = 0;
  }
}

/** Whether the clock has made of this version something else than it was. Of a slot that was cancelled it was its event. */
function isByClock({ isOver, slot }: LiveState): boolean {
  return isOver && slot.status !== 'CANCELLED';
}
