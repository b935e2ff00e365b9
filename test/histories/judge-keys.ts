import { askedBy, isSuccess, keyOf, TRY_AGAIN, versionTold } from './asked.ts';
import { type ClientRecord, type History, inWords, type Json, type Tell } from './history.ts';
import { REMEMBERED_MS } from './key-life.ts';
import { isSame } from './same.ts';
import { grouped, type Timeline } from './timeline.ts';

/** What an idempotency key did, known by its event or by its first success. */
export interface Binding {
  readonly body: Json | null;
  /** Version of the slot from which on nobody may decide it afresh. */
  readonly version: number;
  readonly at: number;
  /** Null for what operators do. */
  readonly bookingId: string | null;
}

/**
 * Answers to one idempotency key: successes agree in everything, refusals that speak of the key are right, and what it
 * did once is never refused, nor anything else done by it.
 *
 * @param bindings what keys did, known by the log, whether anybody was answered or not.
 */
export function judgeKeys(history: History, timeline: Timeline, bindings: ReadonlyMap<string, Binding>, tell: Tell): void {
  const { records, clientSkewMs, serviceSkewMs } = history;
  const byKey = new Map<string, ClientRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    if (key !== null) grouped(byKey, key).push(record);
  }
  for (const [key, tries] of byKey) {
    const first = tries.find(isSuccess);
    const binding = earlier(bindings.get(key), first === undefined ? undefined : bindingBy(first, timeline));
    for (const record of tries) {
      judgeCode(record, tries);
      if (binding === undefined || !isRemembered(binding, record)) continue;
      const fault = isSuccess(record) ? disagreement(first, record, binding) : refusalFault(record, binding);
      if (fault !== null) tell('key', `${fault}: ${first === undefined ? '' : `${inWords(first)} and `}${inWords(record)}`);
    }
  }

  function judgeCode(record: ClientRecord, tries: readonly ClientRecord[]): void {
    const code = record.answer?.body.code;
    if (code === 'idempotency-key-reused' && !tries.some((other) => mayHaveBound(other, record)))
      tell('key', `the key had not been used for anything else: ${inWords(record)}`);
    if (code === 'request-in-flight' && !tries.some((other) => other !== record && overlap(other, record)))
      tell('key', `nobody else was using the key: ${inWords(record)}`);
  }

  /** Whether the try surely came before the key may be forgotten. */
  function isRemembered({ at, bookingId }: Binding, { endedAt }: ClientRecord): boolean {
    const events = timeline.bookings.get(bookingId ?? '') ?? [];
    const end = events.find(({ type }) => type === 'BookingCancelled' || type === 'BookingExpired');
    const over = bookingId === null ? at : (end?.at ?? Number.POSITIVE_INFINITY);
    return endedAt + clientSkewMs + serviceSkewMs < Math.max(at, over) + REMEMBERED_MS;
  }
}

/** What had been found done already is told by an answer alone; a day later the same key may make an event. */
function earlier(logged: Binding | undefined, told: Binding | undefined): Binding | undefined {
  return logged === undefined || (told !== undefined && told.version < logged.version) ? told : logged;
}

function bindingBy(success: ClientRecord, timeline: Timeline): Binding {
  const { slotId, bookingId } = askedBy(success);
  const { body } = success.answer ?? {};
  const version = versionTold(success, slotId) ?? Number.POSITIVE_INFINITY;
  const at = timeline.streams.get(`slot-${slotId}`)?.[version - 1]?.at ?? Number.NEGATIVE_INFINITY;
  return { body: success.request.body ?? null, version, at, bookingId: bookingId ?? (body?.bookingId as string | undefined) ?? null };
}

function disagreement(first: ClientRecord | undefined, success: ClientRecord, { body }: Binding): string | null {
  if (!isSame(body, success.request.body ?? null)) return 'one key did two things';
  return isSame(first?.answer?.body, success.answer?.body) ? null : 'one key was answered in two ways';
}

/** What is wrong with a refusal on a state in which the key had done something. */
function refusalFault(record: ClientRecord, { body, version }: Binding): string | null {
  const { answer, request } = record;
  const told = versionTold(record, askedBy(record).slotId) ?? Number.NEGATIVE_INFINITY;
  if (answer === null || told < version || TRY_AGAIN.has(answer.body.code) || answer.body.code === 'request-in-flight') return null;
  if (isSame(body, request.body ?? null)) return 'what the key had done was refused';
  return answer.body.code === 'idempotency-key-reused' ? null : 'the key had done something else, and that was not said';
}

/** A try with another body that came before the end of this one, and was not refused itself. */
function mayHaveBound(other: ClientRecord, record: ClientRecord): boolean {
  const wasRefused = other.answer !== null && other.answer.status >= 400 && other.answer.status < 500;
  return !wasRefused && other.startedAt <= record.endedAt && !isSame(other.request.body ?? null, record.request.body ?? null);
}

function overlap(one: ClientRecord, other: ClientRecord): boolean {
  return one.startedAt <= other.endedAt && (one.answer === null || other.startedAt <= one.endedAt);
}
