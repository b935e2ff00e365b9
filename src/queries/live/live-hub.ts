import type { RecordedEvent } from '../../eventstore/event-store.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import { within } from '../memory/within.ts';
import type { Audience } from './audience.ts';
import type {
  LiveAnswer,
  LiveMaps,
  LivePoint,
  LiveQuestion,
  LiveSink,
  LiveState,
  LiveStatistics,
  LiveText,
  LiveWatch,
} from './live-maps.ts';
import { Pace } from './pace.ts';
import { Turns } from './turns.ts';
import { Unread } from './unread.ts';
import type { SlotQueries, WatchedSlot } from './watched-slot.ts';
import { WatchedSlots } from './watched-slots.ts';
import type { WatchTerms } from './watcher.ts';

/** Clients of one process: room is left for requests below the connections that a server takes. */
const MAX_WATCHERS = 8_000;
/** Slots that are looked at side by side; and at how many of them while no round waits for it, because a look got nowhere or takes long. */
const LOOKS_AT_ONCE = 16;
const LOOKS_APART = 4;
/** How long a round waits for its looks, in milliseconds. In memory they take a few, from the views some ten. */
const LOOK_MS = 50;
/** How often it is seen to whether somebody does not read, or a slot is over, and after how many times everybody gets a sign of life. Milliseconds. */
const TICK_MS = 1_000;
const TICKS_A_HEARTBEAT = 15;
/** How long a client may leave unread what it was sent, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Who is ahead of a channel is waited for during so many rounds. */
const MAX_ROUNDS_WAITED = 3;
/** After so many clients in one go others get their turn: some milliseconds of writing. */
const CLIENTS_A_TURN = 200;

export interface LiveHubParts {
  /** Answers from memory, by counts of its own: that it is asked here is no hit of a reader's. */
  readonly queries: SlotQueries;
  readonly text: LiveText;
  /** The log's clock in epoch milliseconds. */
  now(): number;
  /** Everything up to this log position was handed over. */
  position(): number;
  /** False until it is known where the log is: until then changes are not handed over. */
  isFollowing(): boolean;
  /** False when the log cannot be reached. */
  isCurrent(): boolean;
  readonly log: { error(facts: object, message: string): void };
  /** How long a client may take to take in what it was sent, in milliseconds, beside the time that the bytes themselves need; 10 s unless told otherwise. */
  readonly patienceMs?: number;
  /** Bytes that clients may be sent before they read them; 96 MiB unless told otherwise. */
  readonly maxUnreadBytes?: number;
}

/**
 * Tells clients how seat maps change. The feed pays for it once per event, and only for slots that are
 * watched; a slot that has changed is looked at once for everybody who watches it, at a pace that leaves
 * the process its time.
 */
export class LiveHub implements LiveMaps {
  private readonly parts: LiveHubParts;
  private readonly slots: WatchedSlots;
  /** Slots with something new that somebody waits for. */
  private readonly behind = new Set<WatchedSlot>();
  /** Slots that are being looked at: one look each. */
  private readonly looks = new Map<WatchedSlot, Promise<void>>();
  /** Resolves when everybody was told of what was looked at, one slot after the other. */
  private told: Promise<void> = Promise.resolve();
  private readonly pace = new Pace(() => this.round());
  private readonly terms: WatchTerms;
  private readonly unread: Unread;
  private readonly turns = new Turns(CLIENTS_A_TURN);
  private ticking: NodeJS.Timeout | null = null;
  private ticks = 0;
  private watchers = 0;
  private framesSent = 0;
  private cutOff = 0;
  private recounting = false;
  private stopping = false;

  constructor(parts: LiveHubParts) {
    this.parts = parts;
    this.slots = new WatchedSlots(parts);
    this.unread = new Unread(parts.maxUnreadBytes);
    this.terms = {
      patienceMs: parts.patienceMs ?? PATIENCE_MS,
      unread: this.unread,
      onSent: () => {
        this.framesSent += 1;
      },
      onCut: () => {
        this.cutOff += 1;
      },
    };
  }

  /** Takes the next events of the log, after memory has. */
  take(records: readonly RecordedEvent[]): void {
    if (this.slots.isEmpty) return;
    for (const record of records) {
      const slotId = slotIdOfStream(record.streamId);
      const slot = slotId === null ? undefined : this.slots.get(slotId);
      if (slot === undefined) continue;
      slot.take(record);
      slot.rest.interrupt();
      if (slot.isWatched) this.behind.add(slot);
    }
    if (this.behind.size > 0) this.pace.ask();
  }

  /** Looks at all slots anew, because what their rows mean may have changed without an event. */
  refresh(): void {
    for (const slot of this.slots.all()) {
      slot.rest.interrupt();
      this.behind.add(slot);
    }
    if (this.behind.size > 0) this.pace.ask();
  }

  async open({ slotId, span, after, atLeast }: LiveQuestion): Promise<LiveAnswer> {
    if (this.stopping || !this.parts.isFollowing() || this.watchers >= MAX_WATCHERS) return { kind: 'unavailable' };
    const slot = this.slots.enter(slotId);
    this.ticking ??= setInterval(() => this.tick(), TICK_MS).unref();
    try {
      const found = await slot.audienceOf(span, () => this.slots.makeRoom());
      if (found.kind !== 'audience') return found;
      const { audience } = found;
      await this.bringUp(slot, audience, atLeast);
      this.slots.letLinger(slot, audience);
      const { channel } = audience;
      if (audience.isOver(this.parts.now())) return { kind: 'over', ...this.placeOf(slot, channel.state) };
      const wanted = atLeast === 'latest' ? channel.version : atLeast;
      const isResumed = after !== null && channel.canResume(after.version);
      const begin = (sink: LiveSink) => this.begin(slot, audience, sink, after, wanted);
      return { kind: 'open', ...this.placeOf(slot, isResumed ? channel.state : channel.whole(wanted)), begin };
    } finally {
      this.slots.leave(slot);
    }
  }

  stop(): void {
    this.stopping = true;
    this.pace.stop();
    if (this.ticking !== null) clearInterval(this.ticking);
    for (const slot of this.slots.all()) slot.rest.interrupt();
    for (const audience of this.slots.audiences()) audience.bye('stopping');
  }

  statistics(): LiveStatistics {
    const channels = [...this.slots.audiences()].length;
    return { watchers: this.watchers, channels, framesSent: this.framesSent, cutOff: this.cutOff, unreadBytes: this.unread.bytes };
  }

  /** Where what is told at first stands in the log. */
  private placeOf(slot: WatchedSlot, { version, position }: Pick<LiveState, 'version' | 'position'>) {
    const reached = version < slot.taken ? position : Math.max(position, this.parts.position());
    return { version, position: reached, stale: !this.parts.isCurrent() };
  }

  private begin(slot: WatchedSlot, audience: Audience, sink: LiveSink, after: LivePoint | null, atLeast: number): LiveWatch {
    this.slots.stay(audience);
    this.watchers += 1;
    const watcher = audience.join(sink, after, atLeast, this.terms);
    if (this.stopping) audience.bye('stopping');
    // What came since it was looked at has waited for somebody to tell it to.
    if (slot.isBehind) this.lookSoon(slot);
    return {
      drained: () => watcher.drained(),
      gone: () => {
        this.watchers -= 1;
        audience.leave(watcher);
        this.slots.letLinger(slot, audience);
      },
    };
  }

  /** Waits, within bounds, until an audience that lacks something has it, also what the clock has done. */
  private async bringUp(slot: WatchedSlot, { channel }: Audience, atLeast: number | 'latest'): Promise<void> {
    // A slot that nobody watches is not looked at by itself.
    const wanted = atLeast === 'latest' || !slot.isWatched ? slot.taken : Math.min(atLeast, slot.taken);
    for (let round = 0; round < MAX_ROUNDS_WAITED && (channel.version < wanted || channel.isOutdated) && !slot.rest.isOn; round += 1) {
      if (!this.looks.has(slot)) this.behind.add(slot);
      await this.pace.next();
      if (!slot.rest.wasNeeded) await this.looks.get(slot);
    }
  }

  private async round(): Promise<void> {
    const common: WatchedSlot[] = [];
    for (const slot of this.behind) {
      const isApart = slot.rest.wasNeeded;
      // It waits here until a look ends: one of its own may have begun too early to see what is new.
      if (this.looks.has(slot) || (isApart && this.looks.size >= LOOKS_APART)) continue;
      this.behind.delete(slot);
      if (isApart) void this.lookAt(slot);
      else common.push(slot);
    }
    while (common.length > 0 && !this.stopping) {
      const looks = common.splice(0, LOOKS_AT_ONCE - this.looks.size).map((slot) => this.lookAt(slot));
      await within(
        LOOK_MS,
        Promise.all(looks).then(() => true),
      );
      await this.told;
      while (this.looks.size > LOOKS_APART) await Promise.race(this.looks.values());
    }
  }

  private lookAt(slot: WatchedSlot): Promise<void> {
    const look = this.bringOn(slot).then(() => {
      this.looks.delete(slot);
      this.told = this.told.then(() => this.tell(slot));
      if (this.behind.size > 0) this.pace.ask();
    });
    this.looks.set(slot, look);
    return look;
  }

  private async bringOn(slot: WatchedSlot): Promise<void> {
    // When no layer can tell now, who watches is told as soon as one can, also of what changed without an event.
    const gotOn = await slot.look().catch(() => false);
    if (gotOn) {
      slot.rest.forget();
      if (slot.isWatched && slot.isBehind) this.behind.add(slot);
    } else if (!this.stopping && !this.behind.has(slot)) {
      // Nothing is new since the look began.
      slot.rest.begin(() => {
        if (slot.isWatched) this.lookSoon(slot);
      });
    }
  }

  private lookSoon(slot: WatchedSlot): void {
    if (slot.rest.isOn || this.looks.has(slot)) return;
    this.behind.add(slot);
    this.pace.ask();
  }

  private async tell(slot: WatchedSlot): Promise<void> {
    for (const audience of slot.audiences.values()) await this.tellAudience(slot, audience);
  }

  private async tellAudience(slot: WatchedSlot, audience: Audience): Promise<void> {
    try {
      await audience.broadcast(this.turns);
      if (audience.watchers.size > 0 && audience.isOver(this.parts.now())) audience.bye('slot-over');
    } catch (error) {
      // Others must not go without because of one; these get it together with what comes next.
      this.parts.log.error({ err: error, slotId: slot.slotId }, 'a slot could not be told of to those who watch it');
    }
  }

  /** Tells those who watch slots on the time axis what the clock has changed. */
  private async recount(): Promise<void> {
    this.recounting = true;
    for (const slot of this.slots.all()) {
      if (this.stopping) break;
      if (!slot.isWatched || !slot.isTimed || slot.rest.isOn || this.looks.has(slot)) continue;
      // Where no layer can tell now, one of the next times may.
      const recounted = await slot.recount().catch(() => []);
      for (const audience of recounted) await this.tellAudience(slot, audience);
    }
    this.recounting = false;
  }

  private tick(): void {
    const now = performance.now();
    const instant = this.parts.now();
    this.ticks += 1;
    const beats = this.ticks % TICKS_A_HEARTBEAT === 0 ? this.parts.text.heartbeat(this.parts.isCurrent()) : null;
    for (const audience of this.slots.audiences()) {
      this.cutOff += audience.cutOffStuck(now);
      if (audience.watchers.size > 0 && audience.isOver(instant)) audience.bye('slot-over');
      if (beats !== null) void audience.heartbeat(beats, this.turns);
    }
    this.slots.forgetOld(now);
    for (const slot of this.slots.all()) if (slot.isOutdated) this.lookSoon(slot);
    if (!this.recounting) void this.recount();
    if (!this.slots.isEmpty || this.ticking === null) return;
    clearInterval(this.ticking);
    this.ticking = null;
  }
}
