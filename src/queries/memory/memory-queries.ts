import type { SpanRequest } from '../../domain/axis.ts';
import { UnreadableLayoutError } from '../../eventstore/layout-reader.ts';
import { PoisonEventError } from '../../projections/fold.ts';
import type { FeedFollower } from '../../projections/memory/feed-follower.ts';
import {
  type AsOfNow,
  type Availability,
  type Read,
  type ReadSource,
  type SeatMap,
  type SlotSummary,
  type Soon,
  type SpanRead,
  ViewsUnavailableError,
} from '../answers.ts';
import { availabilityOf } from '../availability.ts';
import type { Queries, Question } from '../queries.ts';
import { seatMapOf } from '../seats.ts';
import { summaryOf } from '../slot.ts';
import { type UnitsOverSpan, unitsOverSpan } from '../slot-units.ts';
import { spanKey } from '../span-key.ts';
import type { KeptSlot } from './kept-slot.ts';
import { MEMORY_QUESTIONS, type MemoryQuestion, newMemoryCounts, type ReadStatistics, type RedisStatistics } from './read-statistics.ts';
import type { SlotShelf } from './slot-shelf.ts';

/** How long the views in PostgreSQL may take to get to where memory is, when they must answer instead; normally they are milliseconds behind. */
const CATCH_UP_MS = 500;
/** About what answers weigh in bytes, with the JSON and the headers that are made of them. */
const SUMMARY_BYTES = 4_000;
const ANSWER_BYTES = 1_000;
const CATEGORY_BYTES = 500;
const SEAT_BYTES = 600;

export interface MemoryQueries extends Queries {
  readStatistics(): ReadStatistics;
}

/** A slot to answer from, and what to say of it. */
interface Found {
  readonly slot: KeptSlot;
  readonly source: ReadSource;
  readonly position: number;
  readonly stale?: true;
}

/**
 * Answers questions about single slots from memory, everything else by `next`. Until the follower
 * knows where the log is, and where memory cannot answer, `next` does as well.
 *
 * @param parts.now the log's clock in epoch milliseconds.
 */
export function createMemoryQueries(parts: {
  readonly next: Queries;
  readonly shelf: SlotShelf;
  readonly follower: FeedFollower;
  readonly now: () => number;
  /** What is between memory and the views, when something is. */
  readonly redis?: { readonly statistics: RedisStatistics };
}): MemoryQueries {
  const { next, shelf, follower, now } = parts;
  const memory = newMemoryCounts();

  /** Null when memory cannot have the slot. At once for a slot that is there: this is the hot path. */
  function find(question: MemoryQuestion, slotId: string): Found | Promise<Found | null> {
    const slot = shelf.get(slotId);
    if (slot !== undefined) {
      memory[question].hits += 1;
      return { slot, source: 'memory', position: follower.position };
    }
    memory[question].misses += 1;
    return shelf.fill(slotId, now()).catch((error: unknown) => {
      if (error instanceof PoisonEventError || error instanceof UnreadableLayoutError) return null;
      throw error;
    });
  }

  /** Memory is ahead of the views now and then; who is sent on to them must not go back in time. */
  async function fromNext<Answer>(question: Question, ask: () => Soon<Answer>): Promise<Answer> {
    if (follower.isFollowing) await next.waitForPosition(question, follower.position, CATCH_UP_MS);
    return ask();
  }

  /** Before memory is fed the views answer; when they are out of reach, what is between them and memory. */
  async function unfed<Answer>(slotId: string, ask: () => Soon<Answer>, answer: (found: Found) => Answer | null): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ViewsUnavailableError)) throw error;
      const found = await shelf.glimpse(slotId, now());
      const said = found === null ? null : answer(found);
      if (said === null) throw error;
      return said;
    }
  }

  function read<Value>(value: Value, found: Found): Read<Value> {
    const { source, stale } = found;
    const position = positionOf(found);
    return follower.isCurrent && stale !== true ? { value, position, source } : { value, position, source, stale: true };
  }

  function summaryIn(found: Found): Read<SlotSummary | null> {
    const { slot } = found;
    const { rows } = slot;
    if (rows === null) return read(null, found);
    const known = slot.answers.get<SlotSummary>('summary', now);
    if (known !== undefined) return read(known, found);
    const instant = now();
    const summary = summaryOf(rows.slot, instant);
    slot.answers.set('summary', summary, SUMMARY_BYTES, changesAt(rows.slot, instant));
    shelf.recount(slot);
    return read(summary, found);
  }

  /** Null when memory no longer has what the span needs. */
  function spanIn<Value extends AsOfNow>(question: SpanQuestion<Value>, found: Found, span: SpanRequest | null): SpanRead<Value> | null {
    const { slot } = found;
    const key = question.name + spanKey(span);
    const known = slot.answers.get<Value>(key, now);
    if (known !== undefined) return { kind: 'found', read: read(known, found) };
    const { rows } = slot;
    if (rows === null) return { kind: 'not-found', position: positionOf(found) };
    const { axis } = rows.slot;
    if (axis.type === 'time' && span !== null && 'from' in span && span.from - axis.bufferMinutes * 60_000 < slot.claimsFrom) return null;
    const made = unitsOverSpan(rows.slot, span, now(), () => slot.unitsOf(rows, found.source === 'memory'));
    if (made.kind === 'fault') return { ...made, position: positionOf(found) };
    const value = question.answer(made.over);
    slot.answers.set(key, value, question.bytes(value), value.changesAt);
    shelf.recount(slot);
    return { kind: 'found', read: read(value, found) };
  }

  function overSpan<Value extends AsOfNow>(question: SpanQuestion<Value>, slotId: string, span: SpanRequest | null): Soon<SpanRead<Value>> {
    if (!follower.isFollowing)
      return unfed(
        slotId,
        () => question.ask(next, slotId, span),
        (found) => spanIn(question, found, span),
      );
    const found = find(question.name, slotId);
    if (found instanceof Promise) return found.then((loaded) => answerOver(question, loaded, slotId, span));
    return answerOver(question, found, slotId, span);
  }

  function answerOver<Value extends AsOfNow>(
    question: SpanQuestion<Value>,
    found: Found | null,
    slotId: string,
    span: SpanRequest | null,
  ): Soon<SpanRead<Value>> {
    const answer = found === null ? null : spanIn(question, found, span);
    return answer ?? fromNext(question.name, () => question.ask(next, slotId, span));
  }

  return {
    ...next,
    slot: async (slotId) => {
      if (!follower.isFollowing) return unfed(slotId, () => next.slot(slotId), summaryIn);
      const found = await find('slot', slotId);
      return found === null ? fromNext('slot', () => next.slot(slotId)) : summaryIn(found);
    },
    availability: (slotId, span) => overSpan(AVAILABILITY, slotId, span),
    seats: (slotId, span) => overSpan(SEATS, slotId, span),
    waitForPosition: (question, position, timeoutMs) =>
      follower.isFollowing && isOfMemory(question)
        ? follower.waitFor(position, timeoutMs)
        : next.waitForPosition(question, position, timeoutMs),
    readStatistics: () => ({ memory, slots: shelf.counts, redis: parts.redis?.statistics ?? null }),
  };
}

/**
 * What an answer that is made now has of its slot, which was perhaps loaded from a layer or a stream that is ahead of the
 * feed, or folded on while the rest of a batch is still being taken. Who names less might be shown less by another instance.
 */
function positionOf({ slot, position }: Found): number {
  return Math.max(position, slot.position);
}

interface SpanQuestion<Value extends AsOfNow> {
  readonly name: 'availability' | 'seats';
  ask(next: Queries, slotId: string, span: SpanRequest | null): Soon<SpanRead<Value>>;
  answer(over: UnitsOverSpan): Value;
  bytes(value: Value): number;
}

const AVAILABILITY: SpanQuestion<Availability> = {
  name: 'availability',
  ask: (next, slotId, span) => next.availability(slotId, span),
  answer: availabilityOf,
  bytes: ({ categories }) => ANSWER_BYTES + CATEGORY_BYTES * categories.length,
};

const SEATS: SpanQuestion<SeatMap> = {
  name: 'seats',
  ask: (next, slotId, span) => next.seats(slotId, span),
  answer: seatMapOf,
  bytes: ({ units }) => ANSWER_BYTES + SEAT_BYTES * units.length,
};

function isOfMemory(question: Question): question is MemoryQuestion {
  return (MEMORY_QUESTIONS as readonly Question[]).includes(question);
}

/** When a summary's counts change without any event: on the `time` axis at the next step of what is taken. Epoch milliseconds. */
function changesAt(slot: Parameters<typeof summaryOf>[0], now: number): number {
  if (slot.axis.type !== 'time') return Number.POSITIVE_INFINITY;
  return slot.usage.find((step) => step.at > now)?.at ?? Number.POSITIVE_INFINITY;
}
