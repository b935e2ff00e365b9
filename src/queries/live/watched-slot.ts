import type { SpanRequest } from '../../domain/axis.ts';
import type { RecordedEvent } from '../../eventstore/event-store.ts';
import type { SpanFault } from '../answers.ts';
import type { Queries } from '../queries.ts';
import { spanKey } from '../span-key.ts';
import { Audience } from './audience.ts';
import { Channel } from './channel.ts';
import type { LiveState, LiveText } from './live-maps.ts';
import { Rest } from './rest.ts';
import { TouchedUnits } from './touched-units.ts';
import { Turns } from './turns.ts';

/** Summary and seat map are read one after the other; when an event came between, both are read again, so many times at most. */
const MAX_READS = 3;
/** After so many units over one span or several others get their turn: some milliseconds of comparing. */
const UNITS_A_TURN = 5_000;

export type SlotQueries = Pick<Queries, 'slot' | 'seats'>;

/** What every slot that is watched needs. */
export interface WatchedSlotParts {
  readonly queries: SlotQueries;
  readonly text: LiveText;
  /** The log's clock in epoch milliseconds. */
  readonly now: () => number;
}

type Look =
  | { readonly kind: 'state'; readonly state: LiveState }
  | { readonly kind: 'not-found'; readonly position: number }
  | { readonly kind: 'fault'; readonly fault: SpanFault };

type OpenedAudience =
  | { readonly kind: 'audience'; readonly audience: Audience }
  | { readonly kind: 'unavailable' }
  | Exclude<Look, { readonly kind: 'state' }>;

/** Reads a slot over a span as it is now. */
async function lookAt(queries: SlotQueries, slotId: string, span: SpanRequest | null): Promise<Look> {
  for (let read = 1; ; read += 1) {
    const seats = await queries.seats(slotId, span);
    if (seats.kind !== 'found') return seats;
    const summary = await queries.slot(slotId);
    if (summary.value === null) return { kind: 'not-found', position: summary.position };
    const { version, units, isOver, changesAt } = seats.read.value;
    if (summary.value.version !== version && read < MAX_READS) continue;
    return { kind: 'state', state: { slot: summary.value, units, version, isOver, changesAt, position: seats.read.position } };
  }
}

/** A slot that somebody watches, or did a moment ago, over one span or several. */
export class WatchedSlot {
  readonly slotId: string;
  /** Those who watch, by what span. */
  readonly audiences = new Map<string, Audience>();
  /** How many are on their way in: as long as there are any it is handed its events. */
  entering = 0;
  /** The version of the last event that was handed over. */
  taken = 0;
  readonly rest = new Rest();
  private readonly parts: WatchedSlotParts;
  private readonly touched = new TouchedUnits();
  private readonly opening = new Map<string, Promise<OpenedAudience>>();

  constructor(slotId: string, parts: WatchedSlotParts) {
    this.slotId = slotId;
    this.parts = parts;
  }

  get isWatched(): boolean {
    for (const { watchers } of this.audiences.values()) if (watchers.size > 0) return true;
    return false;
  }

  /** Whether there were events that its channels have not seen. */
  get isBehind(): boolean {
    return this.lacks(this.taken);
  }

  /** Whether its counts go with the clock. */
  get isTimed(): boolean {
    for (const { channel } of this.audiences.values()) return channel.state.slot.axis.type === 'time';
    return false;
  }

  /** Whether the clock has changed what one of its channels tells. */
  get isOutdated(): boolean {
    for (const { channel } of this.audiences.values()) if (channel.isOutdated) return true;
    return false;
  }

  take(record: RecordedEvent): void {
    // What lies before it was handed over while nobody asked for the slot, so nobody noted it.
    if (record.version > this.taken + 1) this.touched.knowFrom(record.version - 1);
    this.taken = record.version;
    this.touched.take(record, this.isWatched || this.entering > 0);
  }

  /**
   * Those who watch the span; one look serves all who ask first. The slot must be handed its events from before this on.
   *
   * @param hasRoom tells whether one more channel may be opened.
   */
  async audienceOf(span: SpanRequest | null, hasRoom: () => boolean): Promise<OpenedAudience> {
    const key = spanKey(span);
    const audience = this.audiences.get(key);
    if (audience !== undefined) return { kind: 'audience', audience };
    let opening = this.opening.get(key);
    if (opening === undefined) {
      opening = this.openAudience(key, span, hasRoom).finally(() => this.opening.delete(key));
      this.opening.set(key, opening);
    }
    return opening;
  }

  /**
   * Brings its channels up to date. Looks must follow each other.
   *
   * @returns false when they lack events that had been handed over before it, and none of them got on.
   */
  async look(): Promise<boolean> {
    const wanted = this.taken;
    let gotOn = false;
    const turns = new Turns(UNITS_A_TURN);
    for (const { channel } of [...this.audiences.values()]) {
      const look = await lookAt(this.parts.queries, this.slotId, channel.span);
      // A slot does not go away; a layer that does not know it is behind.
      if (look.kind !== 'state') continue;
      this.seen(look.state);
      if (look.state.version > channel.version) gotOn = true;
      channel.advance(look.state);
      await turns.did(look.state.units.length);
    }
    return gotOn || !this.lacks(wanted);
  }

  /** Asks for the counts as of now, which on the time axis change without an event. @returns those who are to be told of others. */
  async recount(): Promise<readonly Audience[]> {
    const { value } = await this.parts.queries.slot(this.slotId);
    if (value === null) return [];
    return [...this.audiences.values()].filter(({ channel }) => channel.version === value.version && channel.recount(value.counts));
  }

  private async openAudience(key: string, span: SpanRequest | null, hasRoom: () => boolean): Promise<OpenedAudience> {
    if (!hasRoom()) return { kind: 'unavailable' };
    const { queries, text, now } = this.parts;
    const look = await lookAt(queries, this.slotId, span);
    if (look.kind !== 'state') return look;
    this.seen(look.state);
    const channel = new Channel({ state: look.state, span, touched: this.touched, text, now });
    const audience = new Audience(key, channel, text);
    this.audiences.set(key, audience);
    return { kind: 'audience', audience };
  }

  private lacks(version: number): boolean {
    for (const { channel } of this.audiences.values()) if (channel.version < version) return true;
    return false;
  }

  /** What a state has beyond the events that were handed over was not seen one by one. */
  private seen({ version }: LiveState): void {
    if (version > this.taken) this.touched.knowFrom(version);
  }
}
