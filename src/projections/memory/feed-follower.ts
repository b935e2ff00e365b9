import type { EventStore, Following, RecordedEvent } from '../../eventstore/event-store.ts';
import { LOOK_AGAIN_MS, Pause } from '../pause.ts';
import type { PositionWait } from '../position-watch.ts';
import { PositionGate } from './position-gate.ts';

/** Most events that are read at once; what is behind grows the batch up to here, so that a follower catches up by itself. */
const BATCH_EVENTS = 1_000;
/** How long a follower that nothing wakes sleeps, and how long it waits after a failed read, in milliseconds. */
const POLL_MS = 500;
const RETRY_MS = 100;
/** When the log has not answered for this many milliseconds, what is in memory is no longer known to be current. */
const SILENT_MS = 2_000;

/** What a follower hands the log's events to. */
export interface FeedTaker {
  /**
   * Called once, before the first batch: everything up to the position is in the log already, and only
   * what comes after it will be handed over.
   */
  begin(position: number): void;
  /** Takes the next events of the log, in order; the position counts as reached when it resolves. Must not reject. */
  take(records: readonly RecordedEvent[]): Promise<void>;
}

/**
 * Follows the log's feed from its head on, for what a process keeps in memory: each process has its
 * own, without a lock and without a checkpoint, since nothing of it outlives the process.
 */
export class FeedFollower {
  private readonly store: EventStore;
  private readonly taker: FeedTaker;
  private readonly gate = new PositionGate();
  private readonly pause = new Pause();
  private stopping = false;
  private begun = false;
  private failing = false;
  private heardAt = Number.NEGATIVE_INFINITY;
  private ended: Promise<void> = Promise.resolve();
  private stopListening: () => void = () => undefined;
  private following: Following | null = null;
  private tell: (records: readonly RecordedEvent[]) => void = () => undefined;

  constructor(store: EventStore, taker: FeedTaker) {
    this.store = store;
    this.taker = taker;
  }

  /** Calls back with each batch that was taken, when its position is reached. To be set before the start. */
  onTaken(tell: (records: readonly RecordedEvent[]) => void): void {
    this.tell = tell;
  }

  start(): void {
    this.stopListening = this.store.onAppended(() => this.pause.wake());
    this.following = this.store.follow();
    this.ended = this.run();
  }

  /** Resolves when the batch in hand was taken. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopListening();
    this.pause.wake();
    await this.ended;
    this.following?.end();
  }

  /** Whether it knows where the log is: before that nothing can be kept up to date. */
  get isFollowing(): boolean {
    return this.begun && !this.stopping;
  }

  /** False when the log cannot be reached, so that there may be more in it than is known here. */
  get isCurrent(): boolean {
    return !this.failing && performance.now() - this.heardAt < SILENT_MS;
  }

  /** Everything up to this log position was taken. */
  get position(): number {
    return this.gate.position;
  }

  /** Resolves as soon as everything up to the position was taken, at the latest after so many milliseconds. */
  waitFor(position: number, timeoutMs: number): Promise<PositionWait> {
    // Who names a position has it from an answer, so it is in the log, though word of it may not have come yet.
    if (position > this.gate.position) this.pause.wake();
    return this.gate.waitFor(position, timeoutMs);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        if (!this.begun) await this.begin();
        const records = await this.store.readFeed(this.gate.position, BATCH_EVENTS);
        this.heard();
        if (records.length > 0) await this.hand(records);
        if (records.length < BATCH_EVENTS) await this.pause.sleep(records.length > 0 ? LOOK_AGAIN_MS : POLL_MS);
      } catch {
        // Reads go on from memory meanwhile, and say so; whoever waits for a position is bounded.
        this.failing = true;
        if (!this.stopping) await this.pause.sleep(RETRY_MS);
      }
    }
  }

  private async begin(): Promise<void> {
    const head = await this.store.headPosition();
    this.heard();
    this.taker.begin(head);
    this.moveTo(head);
    this.begun = true;
  }

  private async hand(records: readonly RecordedEvent[]): Promise<void> {
    await this.taker.take(records);
    this.moveTo((records.at(-1) as RecordedEvent).position);
    this.tell(records);
  }

  private moveTo(position: number): void {
    this.gate.moveTo(position);
    this.following?.had(position);
  }

  private heard(): void {
    this.failing = false;
    this.heardAt = performance.now();
  }
}
