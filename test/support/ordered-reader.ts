import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { decodePosition, encodePosition } from '../../src/http/position.ts';
import { ask, type Json, type Reply } from './api.ts';
import { between, type Random } from './random.ts';

const QUESTIONS = ['slot', 'seats', 'bookings'] as const;
type Question = (typeof QUESTIONS)[number];
/** Most bookings of one answer. */
const LIMIT = 200;
/** Long enough for a busy machine: what does not come within it is a fault. */
const WAIT_SECONDS = 10;

interface Answer {
  readonly question: Question;
  readonly slotId: string;
  /** Log position that the answer says it has reached. */
  readonly position: number;
  /** Version of the slot, 0 when it is not there; or how many bookings it has. Null when only the position is told. */
  readonly seen: number | null;
}

export interface ReaderParts {
  readonly urls: readonly string[];
  /** Whether it names what it was told before, or what it knows to be written; else it names nothing. */
  readonly namesPositions: boolean;
  readonly random: Random;
  /** Slots to ask for, be they open already or not yet. */
  readonly slotIds: () => readonly string[];
  /** Log position of something that is written for sure. */
  readonly written: () => number;
}

/**
 * Asks for slots, seat maps and bookings one after another, and keeps what no reader may be shown: an error; less than
 * the same instance has shown before; less than any instance has shown before, once it names that position; less
 * than there was at the position that the answer itself tells.
 */
export class OrderedReader {
  /** In words, as soon as an answer is there. */
  readonly faults: string[] = [];
  /** Answers that asked to come again, as a view may that does not get there in time. */
  sentAway = 0;
  private readonly given: Answer[] = [];
  private readonly parts: ReaderParts;
  private readonly seen = new Map<string, number>();
  private reached = 0;

  constructor(parts: ReaderParts) {
    this.parts = parts;
  }

  get answers(): number {
    return this.given.length;
  }

  async read(): Promise<void> {
    const { urls, namesPositions, random, slotIds, written } = this.parts;
    const url = pick(random, urls);
    const slotId = pick(random, slotIds());
    const question = pick(random, QUESTIONS);
    const named = namesPositions ? Math.max(this.reached, random() < 0.5 ? written() : 0) : 0;
    const headers = named === 0 ? {} : { 'Holdfast-Position': encodePosition({ position: named }), Prefer: `wait=${WAIT_SECONDS}` };
    const reply = await ask(url, pathOf(question, slotId), { headers }).catch((error: unknown) => String(error));
    const about = `${question} of ${slotId} at ${url}`;
    if (typeof reply === 'string') return void this.faults.push(`${about}: ${reply}`);
    if (reply.body.code === 'view-behind' && Number(reply.headers.get('Retry-After')) > 0) {
      this.sentAway += 1;
      return;
    }
    const seen = seenIn(question, reply);
    if (seen === undefined) return void this.faults.push(`${about}: ${reply.status} ${JSON.stringify(reply.body)}`);
    const position = decodePosition(reply.headers.get('Holdfast-Position') ?? '')?.position ?? -1;
    this.given.push({ question, slotId, position, seen });
    if (position < named) this.faults.push(`${about}: as of ${position}, though ${named} was named`);
    if (namesPositions) this.reached = position;
    if (seen === null) return;
    const same = namesPositions ? `${question} ${slotId}` : about;
    const before = this.seen.get(same) ?? 0;
    if (seen < before)
      this.faults.push(`${about}: ${seen} after ${before}, as of ${position}${namesPositions ? `, ${named} was named` : ''}`);
    this.seen.set(same, seen);
  }

  /** @returns in words, which answers were less than what the log has up to the position that they told. */
  faultsBy(log: readonly RecordedEvent[]): readonly string[] {
    const positions = new Map<string, number[]>();
    const add = (about: string, position: number) => {
      const known = positions.get(about);
      if (known === undefined) positions.set(about, [position]);
      else known.push(position);
    };
    for (const { streamId, type, position } of log) {
      add(`version ${streamId}`, position);
      if (type === 'BookingRequested') add(`bookings ${streamId}`, position);
    }
    return this.given.flatMap(({ question, slotId, position, seen }) => {
      if (seen === null) return [];
      const all = positions.get(`${question === 'bookings' ? question : 'version'} slot-${slotId}`) ?? [];
      const upTo = all.filter((one) => one <= position).length;
      const least = question === 'bookings' ? Math.min(LIMIT, upTo) : upTo;
      return seen < least ? [`${question} of ${slotId}: ${seen} as of ${position}, where the log has ${least}`] : [];
    });
  }
}

function pathOf(question: Question, slotId: string): string {
  if (question === 'bookings') return `/bookings?slotId=${slotId}&limit=${LIMIT}`;
  return question === 'slot' ? `/slots/${slotId}` : `/slots/${slotId}/seats`;
}

/** Undefined for what no reader may be answered. */
function seenIn(question: Question, { status, body }: Reply<Json>): number | null | undefined {
  // Which units of a fleet are free is asked for a span; what refuses it tells a position as well.
  if (body.code === 'span-required') return null;
  if (body.code === 'slot-not-found') return 0;
  if (status !== 200) return undefined;
  return question === 'bookings' ? (body.items as readonly unknown[]).length : Number(body.version);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[between(random, 0, items.length - 1)] as Item;
}
