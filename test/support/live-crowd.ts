import { get, type IncomingMessage } from 'node:http';
import { EventStreamReader } from './event-stream.ts';
import { CrowdMap, digestOf, type Verdicts } from './live-crowd-map.ts';
import { type Random, seeded } from './random.ts';

/** A process of its own with a crowd that watches one slot; it is told what to do and tells what it saw by messages. */

/** What the process is asked for. */
export type CrowdOrder =
  | { readonly kind: 'come'; readonly url: string; readonly path: string; readonly count: number; readonly seed: number }
  /** From now on one after another is cut off and comes back, until everybody was. */
  | { readonly kind: 'cut' }
  /** Waits until everybody has the version, compares, and leaves. */
  | { readonly kind: 'compare'; readonly version: number; readonly units: readonly object[]; readonly counts: object };

/** What it answers, one answer to each order. */
export interface CrowdReport {
  readonly watchers: number;
  readonly cuts: number;
  /** Whole states that were sent to somebody who had something to go on from. */
  readonly resets: number;
  readonly events: number;
  readonly faults: readonly string[];
  /** When the first one, who is never cut off, had which version; epoch milliseconds. */
  readonly reached: readonly (readonly [version: number, at: number])[];
}

const CUTS_AT_ONCE = 20;
/** Longest time that somebody stays away, in milliseconds. */
const AWAY_MS = 300;
const COMPARE_BOUND_MS = 60_000;

class Member {
  readonly map: CrowdMap;
  private readonly address: string;
  private response: IncomingMessage | null = null;

  constructor(address: string, verdicts: Verdicts) {
    this.address = address;
    this.map = new CrowdMap(verdicts);
  }

  /** Resolves when the stream has begun. Who loses it comes back, as a browser does. */
  come(): Promise<void> {
    const last = this.map.lastEventId;
    return new Promise((resolve, reject) => {
      const sent = get(this.address, { agent: false, headers: last === null ? {} : { 'Last-Event-ID': last } }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`answered with ${response.statusCode}`));
        const reader = new EventStreamReader();
        this.response = response;
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          for (const event of reader.read(text)) this.map.take(event);
        });
        response.on('error', () => undefined);
        resolve();
      });
      sent.on('error', reject);
    });
  }

  leave(): void {
    this.response?.destroy();
  }
}

class Crowd {
  private readonly members: Member[] = [];
  private readonly verdicts: Verdicts = { digests: new Map(), faults: [], resets: 0, events: 0 };
  private readonly random: Random;
  private readonly reached: [number, number][] = [];
  private cuts = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  async come(address: string, count: number): Promise<void> {
    while (this.members.length < count) {
      const some = Array.from({ length: Math.min(50, count - this.members.length) }, () => new Member(address, this.verdicts));
      this.members.push(...some);
      await Promise.all(some.map((member) => member.come()));
    }
    const [first] = this.members;
    if (first !== undefined) first.map.onVersion = (version) => void this.reached.push([version, Date.now()]);
  }

  /** Cuts everybody off once but the first, in random order, some at a time. */
  async cutAll(): Promise<void> {
    const left = this.members.slice(1);
    const one = async () => {
      for (;;) {
        const [member] = left.splice(Math.floor(this.random() * left.length), 1);
        if (member === undefined) return;
        member.leave();
        this.cuts += 1;
        await new Promise((resolve) => setTimeout(resolve, this.random() * AWAY_MS));
        await member.come();
      }
    };
    await Promise.all(Array.from({ length: CUTS_AT_ONCE }, one));
  }

  async compare({ version, units, counts }: Extract<CrowdOrder, { kind: 'compare' }>): Promise<void> {
    const deadline = Date.now() + COMPARE_BOUND_MS;
    while (this.members.some(({ map }) => map.version < version) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const expected = digestOf(units, counts);
    for (const [index, { map }] of this.members.entries()) {
      if (map.version !== version) this.verdicts.faults.push(`watcher ${index} is at ${map.version}, not at ${version}`);
      else if (map.digest !== expected) this.verdicts.faults.push(`watcher ${index} has another state at the end`);
    }
  }

  leave(): void {
    for (const member of this.members) member.leave();
  }

  report(): CrowdReport {
    const { faults, resets, events } = this.verdicts;
    return { watchers: this.members.length, cuts: this.cuts, resets, events, faults: faults.slice(0, 20), reached: this.reached };
  }
}

let crowd: Crowd | null = null;

async function carryOut(order: CrowdOrder): Promise<void> {
  if (order.kind === 'come') {
    crowd = new Crowd(order.seed);
    await crowd.come(order.url + order.path, order.count);
  } else if (order.kind === 'cut') await crowd?.cutAll();
  else {
    await crowd?.compare(order);
    crowd?.leave();
  }
}

process.on('message', (order: CrowdOrder) => {
  carryOut(order).then(
    () => process.send?.(crowd?.report()),
    (error: unknown) => process.send?.({ ...crowd?.report(), faults: [String(error)] }),
  );
});
process.on('disconnect', () => process.exit());
