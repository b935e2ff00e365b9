import {
  type AppendResult,
  type EventStore,
  type LockedAppendResult,
  type NewEvent,
  OutcomeUnknownError,
  type RecordedEvent,
  StoreUnavailableError,
  type StreamAppend,
} from '../../src/eventstore/event-store.ts';
import type { Random } from '../domain/oracle/random.ts';
import type { Database } from './database.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

/** Milliseconds after which the database ends a transaction that does nothing, and those until it notices that its client is gone. */
const IDLE_TRANSACTION_MS = 5_000;
const NOTICED_MS = 200;

export interface ConnectionParts {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly database: Database;
  /** The instance's clock, epoch milliseconds. */
  readonly clock: () => number;
  readonly count: (what: string) => void;
}

/** An instance's way to the database, as bad as the weather. A new start of the instance gets a new one. */
export class Connection implements EventStore {
  private readonly parts: ConnectionParts;
  private isCut = false;
  private frozenUntil = 0;
  private readonly transactions = new Set<object>();

  constructor(parts: ConnectionParts) {
    this.parts = parts;
  }

  /** The instance is gone: nothing reaches it any more. What it sent and has not arrived may be lost or not. */
  cut(): void {
    this.isCut = true;
    for (const transaction of this.transactions) this.parts.time.after(NOTICED_MS, () => this.parts.database.release(transaction));
  }

  /** The instance stands still: until then nothing leaves it and nothing reaches it. */
  freeze(until: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, until);
  }

  append(parts: readonly StreamAppend[]): Promise<AppendResult> {
    const { weather, database, count } = this.parts;
    const fate = weather.fateOfWrite();
    count(`append ${fate}`);
    return new Promise((resolve, reject) => {
      const write = () => {
        database.write(() => {
          database.log.append(parts).then((result) => {
            count(`an append ${result.kind === 'appended' ? 'lands' : 'conflicts'}${fate === 'late' ? ' late' : ''}`);
            if (fate === 'done' || fate === 'twice') this.receive(() => resolve(result));
          }, reject);
        });
      };
      if (fate === 'unavailable') return void this.receive(() => reject(new StoreUnavailableError('simulated: out of reach')));
      if (fate !== 'request-lost') this.send(write, fate === 'late' ? weather.delay() : 0);
      if (fate === 'twice') this.send(write, weather.delay());
      if (fate !== 'done' && fate !== 'twice') this.learnNothing(reject);
    });
  }

  appendLocked(
    streamId: string,
    afterVersion: number,
    decide: (tail: readonly RecordedEvent[]) => readonly NewEvent[],
  ): Promise<LockedAppendResult> {
    const { time, random, weather, database, count } = this.parts;
    const transaction = {};
    this.transactions.add(transaction);
    const fate = weather.fateOfWrite();
    const breaksEarly = fate === 'unavailable' && random.chance(0.5);
    count(`locked append ${fate}`);
    const rollBack = () => this.send(() => database.release(transaction));
    return new Promise((resolve, reject) => {
      const commit = (version: number, events: readonly NewEvent[]) => {
        if (!database.holds(transaction))
          return void this.receive(() => reject(new OutcomeUnknownError('simulated: the transaction was ended')));
        database.log.append([{ streamId, expectedVersion: version, events }]).then((result) => {
          database.release(transaction);
          if (result.kind === 'conflict') reject(new Error('the stream moved while it was locked'));
          else if (fate === 'done' || fate === 'twice')
            this.receive(() => resolve({ kind: 'appended', position: result.position, version: version + events.length }));
        }, reject);
      };
      const decideOn = (tail: readonly RecordedEvent[]) => {
        let events: readonly NewEvent[];
        try {
          events = decide(tail);
        } catch (error) {
          rollBack();
          reject(error);
          return;
        }
        const version = afterVersion + tail.length;
        if (events.length === 0) {
          rollBack();
          resolve({ kind: 'nothing-to-append', version });
        } else if (fate === 'unavailable') {
          rollBack();
          reject(new StoreUnavailableError('simulated: broken off'));
        } else if (fate === 'request-lost') this.learnNothing(reject);
        else {
          this.send(() => commit(version, events), fate === 'late' ? Math.floor(weather.delay() / 4) : 0);
          if (fate === 'answer-lost' || fate === 'late') this.learnNothing(reject);
        }
      };
      if (breaksEarly) return void this.receive(() => reject(new StoreUnavailableError('simulated: out of reach')));
      this.send(() =>
        database.lock(transaction, () => {
          time.after(this.isCut ? NOTICED_MS : IDLE_TRANSACTION_MS, () => database.release(transaction));
          database.log
            .readStream(streamId, afterVersion + 1, Number.POSITIVE_INFINITY)
            .then((tail) => this.receive(() => decideOn(tail)), reject);
        }),
      );
    });
  }

  readStream(streamId: string, fromVersion: number, limit: number): Promise<readonly RecordedEvent[]> {
    const { weather, database } = this.parts;
    const isLost = weather.loses();
    return new Promise((resolve, reject) => {
      if (isLost) return void this.receive(() => reject(new StoreUnavailableError('simulated: out of reach')));
      this.send(() => {
        database.log.readStream(streamId, fromVersion, limit).then((events) => this.receive(() => resolve(events)), reject);
      });
    });
  }

  readonly readFeed: EventStore['readFeed'] = () => Promise.reject(new Error('the command side follows no feed'));
  readonly follow: EventStore['follow'] = () => ({ had: () => {}, end: () => {} });
  readonly headPosition = () => this.parts.database.log.headPosition();
  readonly onAppended = () => () => undefined;
  /** Worlds are too short for snapshots. */
  readonly readSnapshot = () => Promise.resolve(null);
  readonly writeSnapshot = () => Promise.resolve();
  readonly now = () => this.parts.clock();
  readonly close = () => Promise.resolve();

  /** Sends something to the database; what is on its way when the instance goes arrives or not. */
  private send(arrive: () => void, delay = 0): void {
    const { time, random, weather } = this.parts;
    if (this.isCut) return;
    time.after(this.thaw() + weather.latency() + delay, () => {
      if (!this.isCut || random.chance(0.5)) arrive();
    });
  }

  /** Brings something back, unless there is nobody left to take it. */
  private receive(arrive: () => void, delay = this.parts.weather.latency()): void {
    this.parts.time.after(delay, () => {
      const frozen = this.thaw();
      if (this.isCut) return;
      if (frozen > 0) this.receive(arrive, frozen);
      else arrive();
    });
  }

  private learnNothing(reject: (error: Error) => void): void {
    this.receive(() => reject(new OutcomeUnknownError('simulated: no answer')), this.parts.weather.silence());
  }

  private thaw(): number {
    return Math.max(0, this.frozenUntil - this.parts.time.now);
  }
}
