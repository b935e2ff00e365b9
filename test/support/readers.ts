import { setTimeout as thinkFor } from 'node:timers/promises';
import { ask, type ProblemBody } from './api.ts';
import type { Random } from './random.ts';
import { ReadProof, type SlotQuestion } from './read-proof.ts';

/** A reader looks at an answer for so many milliseconds: many readers are wanted, not one that never looks up. */
const LOOKS_MS = 3;
const QUESTIONS: readonly (readonly [SlotQuestion, string])[] = [
  ['seats', '/seats'],
  ['availability', '/availability'],
  ['slot', ''],
];

/** What a reader may bring: the newest write that it knows of. */
export interface Seen {
  readonly slotId: string;
  /** Holdfast-Position of the write's answer. */
  readonly position: string;
  /** The slot's version after the write. */
  readonly version: number;
}

/**
 * Readers of seat maps, availability and summaries, all the time. Every fourth time one brings the
 * position of a write that was answered already, waits a second at most, and must never be shown less.
 */
export class Readers {
  readonly proof = new ReadProof();
  /** Answers by their Holdfast-Source. */
  readonly sources = new Map<string, number>();
  /** Answers that ask to come again, by status and code. */
  readonly refusals = new Map<string, number>();
  /** Whatever no reader may ever be answered, in words. */
  readonly faults: string[] = [];
  private readonly parts: { readonly slotIds: readonly string[]; readonly random: Random; readonly newest: () => Seen | null };
  private stopping = false;
  private running: Promise<unknown>[] = [];

  constructor(parts: { readonly slotIds: readonly string[]; readonly random: Random; readonly newest: () => Seen | null }) {
    this.parts = parts;
  }

  /** So many more readers, at this service. */
  start(url: string, count: number): void {
    for (let reader = 0; reader < count; reader += 1) this.running.push(this.readOn(url));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running);
  }

  answersFrom(source: string): number {
    return this.sources.get(source) ?? 0;
  }

  /** Answers that said that they may not be current. */
  get stale(): number {
    return [...this.sources].reduce((sum, [source, times]) => (source.endsWith('; stale') ? sum + times : sum), 0);
  }

  private async readOn(url: string): Promise<void> {
    const { slotIds, random, newest } = this.parts;
    while (!this.stopping) {
      const seen = random() < 0.25 ? newest() : null;
      await this.read(url, seen?.slotId ?? (slotIds[Math.floor(random() * slotIds.length)] as string), seen);
      await thinkFor(LOOKS_MS);
    }
  }

  /** One question about the slot. */
  async read(url: string, slotId: string, seen: Seen | null): Promise<void> {
    const [question, path] = QUESTIONS[Math.floor(this.parts.random() * QUESTIONS.length)] as (typeof QUESTIONS)[number];
    const headers = seen === null ? {} : { 'Holdfast-Position': seen.position, Prefer: 'wait=1' };
    const reply = await ask(url, `/slots/${slotId}${path}`, { headers }).catch((error: unknown) => String(error));
    if (typeof reply === 'string') return void this.faults.push(`${question} of ${slotId}: ${reply}`);
    if (reply.status === 503 && Number(reply.headers.get('Retry-After')) > 0) {
      const { code } = reply.body as unknown as ProblemBody;
      return count(this.refusals, code);
    }
    if (reply.status !== 200) return void this.faults.push(`${question} of ${slotId}: ${reply.status} ${JSON.stringify(reply.body)}`);
    count(this.sources, reply.headers.get('Holdfast-Source') ?? 'unnamed');
    const answer = reply.body as unknown as { readonly slotId: string; readonly version: number };
    this.proof.add(question, answer);
    if (seen !== null && answer.version < seen.version)
      this.faults.push(`${question} of ${slotId}: v${answer.version} after v${seen.version}`);
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
