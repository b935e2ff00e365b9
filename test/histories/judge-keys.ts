import { askedBy, isSuccess, keyOf } from './asked.ts';
import { type ClientRecord, type History, inWords, type Tell } from './history.ts';
import { BookingEnds, REMEMBERED_MS } from './key-life.ts';
import { isSame } from './same.ts';
import { grouped } from './timeline.ts';

/** Answers to one idempotency key: while it is remembered successes agree in everything, and refusals that speak of the key are right. */
export function judgeKeys({ events, records, clientSkewMs, serviceSkewMs }: History, tell: Tell): void {
  const ends = new BookingEnds();
  for (const event of events) ends.take(event);
  const byKey = new Map<string, ClientRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    if (key !== null) grouped(byKey, key).push(record);
  }
  for (const tries of byKey.values()) {
    const [first, ...others] = tries.filter(isSuccess);
    if (first !== undefined) {
      for (const other of others) {
        const difference = isRemembered(first, other) ? disagreement(first, other) : null;
        if (difference !== null) tell('key', `${difference}: ${inWords(first)} and ${inWords(other)}`);
      }
    }
    for (const record of tries) {
      const code = record.answer?.body.code;
      if (code === 'idempotency-key-reused' && !tries.some((other) => mayHaveBound(other, record)))
        tell('key', `the key had not been used for anything else: ${inWords(record)}`);
      if (code === 'request-in-flight' && !tries.some((other) => other !== record && overlap(other, record)))
        tell('key', `nobody else was using the key: ${inWords(record)}`);
    }
  }

  /** Whether a try came to its end while the key of the first success was surely remembered. */
  function isRemembered(first: ClientRecord, { endedAt }: ClientRecord): boolean {
    const bookingId = askedBy(first).bookingId ?? first.answer?.body.bookingId;
    const over = typeof bookingId === 'string' ? ends.endOf(bookingId) : first.startedAt - clientSkewMs - serviceSkewMs;
    return endedAt + clientSkewMs + serviceSkewMs < over + REMEMBERED_MS;
  }
}

function disagreement(first: ClientRecord, other: ClientRecord): string | null {
  if (!isSame(first.request.body ?? null, other.request.body ?? null)) return 'one key did two things';
  return isSame(first.answer?.body, other.answer?.body) ? null : 'one key was answered in two ways';
}

/** A try with another body that came before the end of this one, and was not refused itself. */
function mayHaveBound(other: ClientRecord, record: ClientRecord): boolean {
  const wasRefused = other.answer !== null && other.answer.status >= 400 && other.answer.status < 500;
  return !wasRefused && other.startedAt <= record.endedAt && !isSame(other.request.body ?? null, record.request.body ?? null);
}

function overlap(one: ClientRecord, other: ClientRecord): boolean {
  return one.startedAt <= other.endedAt && (one.answer === null || other.startedAt <= one.endedAt);
}
