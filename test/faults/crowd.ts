import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../domain/oracle/random.ts';
import { Buyer } from '../histories/people/buyer.ts';
import { Operator } from '../histories/people/operator.ts';
import { Reader } from '../histories/people/reader.ts';
import { openingWithUnits, planSlot, type SlotPlan } from '../histories/people/slots.ts';
import type { Surroundings } from '../histories/people/surroundings.ts';
import { HttpClient, Recorder } from '../histories/recorder.ts';

const BUYERS = 10;
const READERS = 2;
const AXES = ['whole', 'stops', 'time'] as const;
/** Holds are short, so that many lapse while something is broken. */
const HOLD_SECONDS = [1, 2, 6] as const;
/** Slots that are still asked for: two evenings. */
const SLOTS_IN_DEMAND = 2 * AXES.length;
const THOUGHT_MS = 80;

/** Buyers, operators and readers who ask any of several services for as long as they are told to, and write everything down. */
export class Crowd {
  readonly recorder = new Recorder();
  private readonly random: Random;
  private readonly urls: () => readonly string[];
  private slots: readonly SlotPlan[] = [];
  private evenings = 0;
  private shifts = 0;
  private over = new AbortController();
  private working: Promise<unknown> = Promise.resolve();

  constructor(seed: number, urls: () => readonly string[]) {
    this.random = new Random(seed);
    this.urls = urls;
  }

  /**
   * Opens new slots, one through each service, which so shows that it takes writes again.
   *
   * @throws Error when one does not, however often it is asked.
   */
  async newEvening(): Promise<void> {
    this.evenings += 1;
    const opened = this.urls().map(async (url, index) => {
      const axis = AXES[(index + this.evenings) % AXES.length]!;
      const slot = planSlot(this.random, `slot${this.evenings}-${index}`, Date.now(), {
        axis,
        holdSeconds: this.random.pick(HOLD_SECONDS),
      });
      const owner = new HttpClient('owner', this.recorder, () => url);
      const answer = await owner.insist({ method: 'POST', path: '/slots', body: openingWithUnits(slot) });
      // Sent again after an answer that was lost, it finds what it has made.
      if (answer?.status !== 201 && answer?.body.code !== 'slot-exists')
        throw new Error(`${url} does not take writes: ${JSON.stringify(answer)}`);
      return slot;
    });
    this.slots = [...this.slots, ...(await Promise.all(opened))].slice(-SLOTS_IN_DEMAND);
  }

  /** Has everybody at work while something is done. */
  async during(work: () => Promise<void>): Promise<void> {
    this.start();
    await work().finally(() => this.stop());
  }

  private start(): void {
    this.shifts += 1;
    this.over = new AbortController();
    const { signal } = this.over;
    // Everybody pauses on it.
    setMaxListeners(0, signal);
    const client = (what: string, index: number) =>
      new HttpClient(`${what}${index}.${this.shifts}`, this.recorder, () => this.random.pick(this.urls()));
    const isOver = () => signal.aborted;
    /** Lives again and again, each time with the slots of the evening. */
    const until = async (live: (around: Surroundings) => Promise<void>) => {
      while (!isOver()) await live(this.surroundings(signal));
    };
    const buyers = Array.from({ length: BUYERS }, (_, index) => client('buyer', index));
    const readers = Array.from({ length: READERS }, (_, index) => client('reader', index));
    const operator = client('operator', 0);
    this.working = Promise.all([
      ...buyers.map((name) => until((around) => new Buyer(around, name).live(2))),
      ...readers.map((name) => until((around) => new Reader(around, name, this.recorder).live(20))),
      until((around) => new Operator(around, operator).live()),
    ]);
    // Whoever stops them is told.
    this.working.catch(() => undefined);
  }

  private surroundings(signal: AbortSignal): Surroundings {
    const { random, slots, recorder } = this;
    return {
      ...{ random, slots, thought: THOUGHT_MS, versions: recorder.versions },
      now: () => Date.now(),
      // When it is over nobody thinks any more.
      pause: (milliseconds) => pause(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined),
    };
  }

  /** Resolves when everybody has got the answer that was waited for. */
  private async stop(): Promise<void> {
    this.over.abort();
    await this.working;
  }
}
