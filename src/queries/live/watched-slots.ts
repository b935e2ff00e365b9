import type { Audience } from './audience.ts';
import { WatchedSlot, type WatchedSlotParts } from './watched-slot.ts';

/** Units of all channels together, some 150 bytes each: a hundred stadiums. */
const MAX_UNITS = 1_000_000;
/** How long a channel is kept after its last client left, in milliseconds, and how many such channels are. */
const LINGER_MS = 60_000;
const MAX_LINGERING = 200;
/** A channel that was opened within this time, in milliseconds, is about to be watched. */
const ABOUT_MS = 1_000;

/** The slots of a process that somebody watches, or did a moment ago. */
export class WatchedSlots {
  private readonly parts: WatchedSlotParts;
  private readonly slots = new Map<string, WatchedSlot>();
  /** Audiences that everybody has left, in the order of leaving, with the time at which they go, on the process's own clock. */
  private readonly lingering = new Map<Audience, { readonly slot: WatchedSlot; readonly until: number }>();

  constructor(parts: WatchedSlotParts) {
    this.parts = parts;
  }

  get isEmpty(): boolean {
    return this.slots.size === 0;
  }

  get(slotId: string): WatchedSlot | undefined {
    return this.slots.get(slotId);
  }

  all(): Iterable<WatchedSlot> {
    return this.slots.values();
  }

  *audiences(): Iterable<Audience> {
    for (const slot of this.slots.values()) yield* slot.audiences.values();
  }

  /** The slot, to be found from now on, and not to be forgotten before it is left. */
  enter(slotId: string): WatchedSlot {
    let slot = this.slots.get(slotId);
    if (slot === undefined) {
      slot = new WatchedSlot(slotId, this.parts);
      this.slots.set(slotId, slot);
    }
    slot.entering += 1;
    return slot;
  }

  leave(slot: WatchedSlot): void {
    slot.entering -= 1;
    this.forgetUnused(slot);
  }

  stay(audience: Audience): void {
    this.lingering.delete(audience);
  }

  /** Keeps an audience for a while when nobody is in it. */
  letLinger(slot: WatchedSlot, audience: Audience): void {
    if (audience.watchers.size > 0 || slot.audiences.get(audience.key) !== audience) return;
    this.lingering.delete(audience);
    this.lingering.set(audience, { slot, until: performance.now() + LINGER_MS });
  }

  /** Forgets what was kept for long enough, and the oldest of what is too much. @param now `performance.now()`. */
  forgetOld(now: number): void {
    let tooMany = this.lingering.size - MAX_LINGERING;
    for (const [audience, { slot, until }] of this.lingering) {
      if (until > now && tooMany <= 0) return;
      if (this.drop(slot, audience)) tooMany -= 1;
    }
  }

  /** Whether there is room for the units of one more channel; made, where need be, of channels that nobody watches. */
  makeRoom(): boolean {
    let units = 0;
    for (const { channel } of this.audiences()) units += channel.state.units.length;
    const openedBefore = performance.now() + LINGER_MS - ABOUT_MS;
    for (const [audience, { slot, until }] of this.lingering) {
      if (units < MAX_UNITS || until > openedBefore) break;
      if (this.drop(slot, audience)) units -= audience.channel.state.units.length;
    }
    return units < MAX_UNITS;
  }

  /** @returns false when somebody may be on the way into it. */
  private drop(slot: WatchedSlot, audience: Audience): boolean {
    if (slot.entering > 0) return false;
    this.lingering.delete(audience);
    slot.audiences.delete(audience.key);
    this.forgetUnused(slot);
    return true;
  }

  private forgetUnused(slot: WatchedSlot): void {
    if (slot.audiences.size === 0 && slot.entering === 0 && this.slots.get(slot.slotId) === slot) this.slots.delete(slot.slotId);
  }
}
