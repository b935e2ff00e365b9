import { extentOf } from '../../domain/availability.ts';
import { wholeAxis } from '../../domain/resolve-span.ts';
import type { SlotSummary } from '../answers.ts';
import type { Channel } from './channel.ts';
import type { ByeReason, LivePoint, LiveSink, LiveText } from './live-maps.ts';
import type { Turns } from './turns.ts';
import { Watcher, type WatchTerms } from './watcher.ts';

/** Those who watch one channel. */
export class Audience {
  readonly key: string;
  readonly channel: Channel;
  readonly watchers = new Set<Watcher>();
  private readonly text: LiveText;

  constructor(key: string, channel: Channel, text: LiveText) {
    this.key = key;
    this.channel = channel;
    this.text = text;
  }

  /** @param atLeast the version of the whole state that the client may be given, if it needs that. */
  join(sink: LiveSink, after: LivePoint | null, atLeast: number, terms: WatchTerms): Watcher {
    const watcher = new Watcher({ channel: this.channel, sink, text: this.text, terms });
    this.watchers.add(watcher);
    watcher.begin(after, atLeast);
    return watcher;
  }

  /** Sends everybody what is new to him. */
  broadcast(turns: Turns): Promise<void> {
    return this.each((watcher) => watcher.pump(), turns);
  }

  heartbeat(bytes: Buffer, turns: Turns): Promise<void> {
    return this.each((watcher) => watcher.heartbeat(bytes), turns);
  }

  leave(watcher: Watcher): void {
    watcher.leave();
    this.watchers.delete(watcher);
  }

  /** Sends the last words to everybody. */
  bye(reason: ByeReason): void {
    for (const watcher of this.watchers) this.sendAway(watcher, reason);
  }

  /** Sends those away who have not read for too long. @param now `performance.now()`. @returns how many. */
  cutOffStuck(now: number): number {
    let stuck = 0;
    for (const watcher of this.watchers) {
      if (!watcher.isStuck(now)) continue;
      this.sendAway(watcher, 'too-slow');
      stuck += 1;
    }
    return stuck;
  }

  /** @param now the log's clock in epoch milliseconds. */
  isOver(now: number): boolean {
    const { slot } = this.channel.state;
    return slot.status === 'CANCELLED' || now >= endOf(slot);
  }

  private sendAway(watcher: Watcher, reason: ByeReason): void {
    watcher.bye(reason);
    this.watchers.delete(watcher);
  }

  private async each(deed: (watcher: Watcher) => void, turns: Turns): Promise<void> {
    for (const watcher of this.watchers) {
      deed(watcher);
      const turn = turns.did(1);
      if (turn !== null) await turn;
    }
  }
}

/** When nothing of a slot can change any more, in epoch milliseconds; a fleet without an end goes on for ever. */
function endOf(slot: SlotSummary): number {
  if (slot.endsAt !== null) return slot.endsAt;
  if (slot.axis.type === 'time') return Number.POSITIVE_INFINITY;
  return extentOf(slot, wholeAxis(slot.axis))?.to ?? Number.POSITIVE_INFINITY;
}
