import { ReplyError } from 'ioredis';
import { type EventStore, type RecordedEvent, StoreUnavailableError } from '../../eventstore/event-store.ts';
import { slotIdOfStream } from '../../eventstore/streams.ts';
import { LOOK_AGAIN_MS, Pause } from '../pause.ts';
import type { RedisLog } from './client.ts';
import { feedSlot, type LayoutsById } from './feed-slot.ts';
import { type LayerPosition, type RedisInventory, unique } from './redis-inventory.ts';

/** Most events of one batch; what is behind grows it up to here. */
const BATCH_EVENTS = 1_000;
/** Who is further behind than this begins anew at the log's head: it would be longer on its way than slots are kept. */
const MOST_EVENTS_BEHIND = 200_000;
/** How long a feeder that nothing wakes sleeps, how long after a failure, and how long a round lasts, in milliseconds. */
const POLL_MS = 500;
const RETRY_MS = 250;
const ROUND_MS = 1_000;
/**
 * For how long rounds may fail before it is said aloud, in milliseconds: longer than Redis takes to be started anew, so that feeding is
 * not handed about then; so short that nobody misses much while another instance, which does reach Redis, could feed it.
 */
const PATIENCE_MS = 3_000;

export interface RedisFeederParts {
  readonly inventory: RedisInventory;
  readonly store: EventStore;
  readonly layouts: LayoutsById;
  readonly log: RedisLog;
}

/**
 * Follows the log for what Redis has of one build: the events of slots that it has are folded into their
 * rows, then the build's position moves. A second feeder does no harm: rows are changed by
 * compare-and-set on their version, and the position by compare-and-set as well.
 */
export class RedisFeeder {
  private readonly parts: RedisFeederParts;
  private readonly pause = new Pause();
  private readonly retry = new Pause();
  private stopping = false;
  /** Whether it was said that Redis fails. */
  private told = false;
  /** When the first of the rounds began that have failed since the last good one, by `performance.now()`. */
  private failingFrom: number | null = null;
  private at: LayerPosition | null = null;

  constructor(parts: RedisFeederParts) {
    this.parts = parts;
  }

  /** Word that there is something new in the log. */
  wake(): void {
    this.pause.wake();
  }

  /** Lets the batch in hand be the last. */
  stop(): void {
    this.stopping = true;
    this.pause.wake();
    this.retry.wake();
  }

  /**
   * Feeds for a second, or until it is stopped. Without Redis it waits a moment and gives up for now.
   *
   * @throws StoreUnavailableError when the log cannot be read; what Redis failed with, once rounds have failed for three seconds:
   *   then others are to try.
   */
  async round(): Promise<void> {
    const begun = performance.now();
    const roundEnds = begun + ROUND_MS;
    const following = this.parts.store.follow();
    try {
      let at = await this.locate();
      while (!this.stopping && performance.now() < roundEnds) {
        const records = await this.parts.store.readFeed(at.position, BATCH_EVENTS);
        const end = records.at(-1)?.position ?? at.position;
        if (records.length > 0) at = await this.take(at, records);
        following.had(at.position);
        if (records.length < BATCH_EVENTS && at.position === end) {
          const most = records.length > 0 ? LOOK_AGAIN_MS : POLL_MS;
          await this.pause.sleep(Math.min(most, Math.max(0, roundEnds - performance.now())));
        }
      }
      this.told = false;
      this.failingFrom = null;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      if (!this.told) this.parts.log.warn({ err: error }, 'slots in Redis cannot be kept up, trying again');
      this.told = true;
      // Whatever it says, a server that answers is there.
      if (!(error instanceof ReplyError)) this.parts.inventory.connectAnew();
      this.failingFrom ??= begun;
      if (performance.now() - this.failingFrom >= PATIENCE_MS) {
        this.failingFrom = null;
        throw error;
      }
      if (!this.stopping) await this.retry.sleep(RETRY_MS);
    } finally {
      following.end();
    }
  }

  /**
   * Where to go on. What Redis says goes: it may have come back with what it had some time ago. When it
   * says nothing, it was emptied or let go of the position; who knows how far this epoch was fed can go on.
   */
  private async locate(): Promise<LayerPosition> {
    const { inventory, store } = this.parts;
    const stands = await inventory.layer();
    if (stands !== null && stands.epoch === this.at?.epoch && stands.position === this.at.position) return stands;
    const head = await store.headPosition();
    const known = stands ?? this.at;
    // A position beyond the head is of a log that was set back: nothing of that time is true any more.
    const usable = known !== null && known.position <= head && head - known.position <= MOST_EVENTS_BEHIND;
    const wanted = usable ? known : { epoch: unique(), position: head };
    const now = await inventory.move(stands, wanted);
    if (now === null) throw new Error('the position of slots in Redis cannot be read');
    this.at = now;
    return now;
  }

  /** Hands each slot its events, all slots at once, and moves the position when all are done. */
  private async take(at: LayerPosition, records: readonly RecordedEvent[]): Promise<LayerPosition> {
    const bySlot = new Map<string, RecordedEvent[]>();
    for (const record of records) {
      const slotId = slotIdOfStream(record.streamId);
      if (slotId === null) continue;
      const known = bySlot.get(slotId);
      if (known === undefined) bySlot.set(slotId, [record]);
      else known.push(record);
    }
    const { inventory } = this.parts;
    const { connection } = inventory;
    await Promise.all([...bySlot].map(([slotId, ofSlot]) => this.feed(at.epoch, slotId, ofSlot)));
    // The position speaks for every slot of the batch, so all of it has to have gone the same way.
    if (inventory.connection !== connection) return this.locate();
    const to = { epoch: at.epoch, position: (records.at(-1) as RecordedEvent).position };
    const now = await inventory.move(at, to);
    if (now === null || now.epoch !== to.epoch || now.position !== to.position) return this.locate();
    this.at = to;
    return to;
  }

  /** A slot that cannot be brought up to its events is let go: whoever asks next brings it anew. */
  private async feed(epoch: string, slotId: string, records: readonly RecordedEvent[]): Promise<void> {
    const { inventory, layouts, log } = this.parts;
    try {
      if (await feedSlot(inventory, layouts, epoch, slotId, records)) return;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      log.warn({ slotId, err: error }, 'a slot was let go from Redis');
    }
    await inventory.drop(slotId);
  }
}
