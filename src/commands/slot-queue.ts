import type { Layout } from '../domain/layout.ts';
import type { SlotCommand } from '../domain/slot/commands.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { OutcomeUnknownError } from '../eventstore/event-store.ts';
import type { ReplayedSlot } from '../eventstore/slot-replay.ts';
import { bytesOfUnits } from '../eventstore/slot-weights.ts';
import { streamOfSlot } from '../eventstore/streams.ts';
import { type CommandContext, TooMuchContentionError } from './command-service.ts';
import { type Answer, type Batch, decideBatch, type Waiting } from './decide-batch.ts';
import { EVENTS_PER_SNAPSHOT, LayoutNeededError, type SlotLoader } from './slot-loader.ts';

/** Commands that may wait for one slot. At 5,000 decisions a second the last of them waits two seconds. */
export const MAX_WAITING = 10_000;

/** Milliseconds after which a command that has not been decided is told that there is too much contention. */
const MAX_WAIT = 15_000;

/** Commands decided in one go, where they do not take too long; enough to fill an append, little enough to answer the first one soon. */
const MAX_BATCH = 256;

/** Conflicts after which the fair, locked way is taken, and for how many milliseconds after the last sign of another instance. */
const CONFLICTS_BEFORE_LOCK = 2;
const LOCKED_FOR = 2_000;

/** Tries for one batch before its commands give up; only layouts and conflicts consume any. */
const MAX_TRIES = 12;

/**
 * A stream that is due for a snapshot gets it when nobody has wanted its slot for so many milliseconds, so
 * that no rush is held up by writing one. Where the rush does not end, it gets one each time it has doubled,
 * but not for less than so many events: all of them together cost little more than the last one.
 */
const RESTED_AFTER = 1_000;
const EVENTS_WITHOUT_REST = 25 * EVENTS_PER_SNAPSHOT;

/** Milliseconds of waiting before each resend of an append whose outcome is unknown. */
const RESEND_PAUSES = [50, 200, 500, 1_000, 2_000];

/**
 * The commands of one slot, decided one after another against one state in memory, as many as wait
 * in one go, and appended together. At most one append is in flight: a second one could commit after
 * the first had conflicted, and what it was decided on would never have been.
 */
export class SlotQueue {
  readonly slotId: string;
  private readonly store: EventStore;
  private readonly loader: SlotLoader;
  private waiting: Waiting[] = [];
  private running = false;
  /** Whether the last batch left commands over. */
  private hasPostponed = false;
  private slot: ReplayedSlot | null = null;
  private lockedUntil = 0;
  private snapshotVersion = 0;
  private rest: NodeJS.Timeout | null = null;

  private readonly onIdle: () => void;

  constructor(slotId: string, store: EventStore, loader: SlotLoader, onIdle: () => void) {
    this.slotId = slotId;
    this.store = store;
    this.loader = loader;
    this.onIdle = onIdle;
  }

  get isIdle(): boolean {
    return !this.running;
  }

  /** The layout that the state stands on; null when it stands on none. */
  get layout(): Layout | null {
    return this.slot?.state.units.layout ?? null;
  }

  /** Bytes that the state takes without its layout, roughly: what an object of its kind was seen to take in V8. */
  get approximateBytes(): number {
    if (this.slot === null) return 1_000;
    const { state } = this.slot;
    const ofBookings = state.bookings.size * 800 + state.bookings.claims * 80;
    return 8_000 + ofBookings + state.profiles.size * 250 + state.commands.size * 200 + bytesOfUnits(state.units);
  }

  /** @throws TooMuchContentionError at once when too many wait already. */
  decide(command: SlotCommand, context: CommandContext): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length >= MAX_WAITING) {
        reject(new TooMuchContentionError(`${MAX_WAITING} commands wait for slot ${this.slotId}`));
        return;
      }
      this.waiting.push({ command, context, since: performance.now(), resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    // One turn of the event loop lets requests that arrived together be decided together.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      this.rejectLate();
      const batch = this.waiting.splice(0, MAX_BATCH);
      try {
        await this.settle(batch);
        // Its decisions may be slow: the answers leave, and other slots have their turn, before the next ones are begun.
        if (this.hasPostponed) await new Promise(setImmediate);
      } catch (error) {
        // Whatever went wrong, the state in memory is no longer to be trusted; the log is.
        this.slot = null;
        for (const one of batch) one.reject(error);
      }
    }
    this.running = false;
    this.snapshotWhenDue();
    this.onIdle();
  }

  /** Tells those who have waited for too long, who are in front. None of them was decided. */
  private rejectLate(): void {
    const latest = performance.now() - MAX_WAIT;
    let count = 0;
    while (count < this.waiting.length && (this.waiting[count] as Waiting).since < latest) count += 1;
    for (const one of this.waiting.splice(0, count)) {
      one.reject(new TooMuchContentionError(`slot ${this.slotId} did not get to the command in ${MAX_WAIT} ms`));
    }
  }

  /** Decides and appends the batch, again whenever another instance was faster. */
  private async settle(batch: Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    let conflicts = 0;
    /** Whether the state was read from the log since the commands came in. */
    let isCurrent = this.slot === null;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const slot = await this.loaded();
      if (performance.now() < this.lockedUntil || conflicts >= CONFLICTS_BEFORE_LOCK) {
        if (await this.settleLocked(slot, batch)) return;
        continue;
      }
      slot.state.begin();
      const decided = decideBatch(slot.state, batch, this.store.now());
      if (decided.events.length === 0) {
        slot.state.rollback();
        // Nothing is written that the log could contradict, so ask it: a refusal must not rest on a state from before the request.
        // Once is enough, or a log that never rests would keep refusals waiting for ever.
        if (!isCurrent && (await this.loader.catchUp(slot)) > 0) {
          isCurrent = true;
          continue;
        }
        this.finish(decided, slot.position, slot.state.version);
        return;
      }
      const expectedVersion = decided.versionBefore;
      const position = await this.append(slot, decided, expectedVersion);
      if (position !== null) {
        slot.state.commit();
        slot.position = position;
        this.finish(decided, position, slot.state.version);
        return;
      }
      conflicts += 1;
      slot.state.rollback();
      await pause(Math.random() * 2 ** conflicts);
      await this.loader.catchUp(slot);
      isCurrent = true;
      if (conflicts >= CONFLICTS_BEFORE_LOCK) this.lockedUntil = performance.now() + LOCKED_FOR;
    }
    throw new TooMuchContentionError(`slot ${this.slotId} was not decided in ${MAX_TRIES} tries`);
  }

  /** The fair way: nobody else can append while this batch is decided. False when it has to be tried again. */
  private async settleLocked(slot: ReplayedSlot, batch: Waiting[]): Promise<boolean> {
    await this.loader.catchUp(slot);
    const made: { batch: Batch | null } = { batch: null };
    try {
      const result = await this.store.appendLocked(streamOfSlot(this.slotId), slot.state.version, (tail) => {
        if (tail.length > 0) this.lockedUntil = performance.now() + LOCKED_FOR;
        this.loader.apply(slot, tail);
        slot.state.begin();
        made.batch = decideBatch(slot.state, batch, this.store.now());
        return made.batch.events;
      });
      if (result.kind === 'appended') {
        slot.state.commit();
        slot.position = result.position;
      } else slot.state.rollback();
      if (made.batch !== null) this.finish(made.batch, slot.position, slot.state.version);
      return true;
    } catch (error) {
      if (error instanceof LayoutNeededError) return false;
      if (!(error instanceof OutcomeUnknownError) || made.batch === null) throw error;
      const { events, versionBefore } = made.batch;
      const position = await this.resend(events, versionBefore, error);
      if (position === null) {
        slot.state.rollback();
        await this.loader.catchUp(slot);
        return false;
      }
      slot.state.commit();
      slot.position = position;
      this.finish(made.batch, position, slot.state.version);
      return true;
    }
  }

  /** Position of the batch's last event, or null on a conflict. */
  private async append(slot: ReplayedSlot, decided: Batch, expectedVersion: number): Promise<number | null> {
    try {
      const result = await this.store.append([{ streamId: streamOfSlot(slot.state.slotId), expectedVersion, events: decided.events }]);
      return result.kind === 'appended' ? result.position : null;
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      return this.resend(decided.events, expectedVersion, error);
    }
  }

  /**
   * The very same append again, until the store says what became of it. Until then the slot decides
   * nothing. The store knows a resend by its event ids and answers it as it would have the first time.
   */
  private async resend(events: Batch['events'], expectedVersion: number, unknown: OutcomeUnknownError): Promise<number | null> {
    for (const milliseconds of RESEND_PAUSES) {
      await pause(milliseconds * (0.5 + Math.random()));
      // A store that answers nothing can keep the slot for a minute; who came meanwhile need not wait it out.
      this.rejectLate();
      try {
        const result = await this.store.append([{ streamId: streamOfSlot(this.slotId), expectedVersion, events }]);
        return result.kind === 'appended' ? result.position : null;
      } catch {
        // Still out of reach; the next try comes after a longer pause.
      }
    }
    throw unknown;
  }

  private async loaded(): Promise<ReplayedSlot> {
    if (this.slot === null) {
      const loaded = await this.loader.load(this.slotId);
      this.slot = loaded;
      this.snapshotVersion = loaded.snapshotVersion;
    }
    return this.slot;
  }

  /** Answers what was decided; what did not fit into this append waits on, in its old place. */
  private finish(decided: Batch, lastPosition: number, lastVersion: number): void {
    this.waiting = [...decided.postponed, ...this.waiting];
    this.hasPostponed = decided.postponed.length > 0;
    for (const { waiting, error } of decided.failed) waiting.reject(error);
    for (const { waiting, answer } of decided.settled) {
      answer.position = Math.max(0, lastPosition - (lastVersion - answer.version));
      waiting.resolve(answer);
    }
  }

  private snapshotWhenDue(): void {
    const slot = this.slot;
    if (slot === null) return;
    const { version } = slot.state;
    const grown = version - this.snapshotVersion;
    if (grown < EVENTS_PER_SNAPSHOT) return;
    if (grown >= Math.max(EVENTS_WITHOUT_REST, this.snapshotVersion)) this.takeSnapshot(slot);
    else this.rest ??= setTimeout(() => this.afterRest(slot, version), RESTED_AFTER).unref();
  }

  private afterRest(slot: ReplayedSlot, version: number): void {
    this.rest = null;
    // A queue that runs comes here again when it is done.
    if (this.running) return;
    if (slot === this.slot && slot.state.version === version) this.takeSnapshot(slot);
    else this.snapshotWhenDue();
  }

  /** Losing a snapshot costs time alone, so nobody waits for it and nobody is told. */
  private takeSnapshot(slot: ReplayedSlot): void {
    this.snapshotVersion = slot.state.version;
    this.loader.takeSnapshot(slot).catch(() => {});
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
