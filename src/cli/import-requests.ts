import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { InputError } from '../integrations/input-error.ts';

/** A read where it has no body, else a write. */
export interface ServiceRequest {
  readonly url: string;
  readonly key?: string;
  readonly body?: unknown;
}

export interface ServiceAnswer {
  readonly url: string;
  readonly status: number;
  /** True when the service has given the same answer to the same request before. */
  readonly replayed: boolean;
  /** Null when it is no JSON. */
  readonly body: unknown;
}

/** How long an import waits for a service in trouble. */
export interface Patience {
  /** Aborted when the import is to end: it waits for no service then, but for the answers to what it has sent. */
  readonly signal: AbortSignal;
  /** Resolves after the milliseconds, or as soon as the signal is aborted. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Every problem of the service has a code; an error without one is somebody else's. */
export const problemSchema = z.object({
  code: z.string(),
  detail: z.string().optional(),
  title: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), message: z.string() })).optional(),
});

/** A stadium's layout takes a few seconds; past this the service is taken for dead. */
const REQUEST_TIMEOUT_MS = 60_000;
/** With the bounds of a wait and of a request: five minutes of waiting, and eleven in all, before a service is given up. */
const MAX_TRIES = 6;
const MAX_WAIT_SECONDS = 60;
/** Where nobody says how long; doubled each time, so that a service has half a minute to start again. */
const FIRST_WAIT_SECONDS = 1;

/** What proxies, and the service itself, answer while they cannot, though they soon may. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Before the first answer only these may pass: others, such as a refused connection, say that the address is wrong. */
const CUT_OFF: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Sends one request, and sends it again while the trouble may pass. @throws InputError when it does not. */
export type Ask = (request: ServiceRequest) => Promise<ServiceAnswer>;

/**
 * Makes the requests of one import. Every one of them may be repeated: writes on slots bear an idempotency key, a
 * layout is known by its content, and reads change nothing. So whatever may pass is tried again, after as long as the
 * answer says (`Retry-After`, else `retryAfterSeconds`), but not more than a minute.
 */
export function serviceRequests({ signal, wait = waitFor }: Patience): Ask {
  let hasAnswered = false;

  return async (request) => {
    const { url } = request;
    for (let tries = 1; ; tries += 1) {
      const sent = await send(request);
      if ('answer' in sent) hasAnswered = true;
      else if (!hasAnswered && !CUT_OFF.has(sent.code)) throw new InputError(`${url} does not answer: ${sent.trouble}`);
      const { trouble, retryAfterSeconds } = sent;
      if ('answer' in sent && trouble === null && retryAfterSeconds === null) return sent.answer;
      const goesOn = () => tries < MAX_TRIES && !signal.aborted;
      const seconds = retryAfterSeconds ?? FIRST_WAIT_SECONDS * 2 ** (tries - 1);
      if (goesOn()) await wait(Math.min(seconds, MAX_WAIT_SECONDS) * 1_000, signal);
      if (goesOn()) continue;
      if ('answer' in sent && trouble === null) return sent.answer;
      throw new InputError(`${url} does not answer, asked ${tries} ${tries === 1 ? 'time' : 'times'}: ${trouble}`);
    }
  };
}

/** `trouble` is what is the matter with the service as a whole; null when it is well, though it may be busy with this very slot. */
type Sent =
  | { readonly answer: ServiceAnswer; readonly trouble: string | null; readonly retryAfterSeconds: number | null }
  | { readonly code: string; readonly trouble: string; readonly retryAfterSeconds: null };

async function send({ url, key, body }: ServiceRequest): Promise<Sent> {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
  try {
    const response = await fetch(url, {
      ...(body === undefined ? { method: 'GET' } : { method: 'POST', headers, body: JSON.stringify(body) }),
      // Followed, a redirect of a POST becomes a GET, and whatever page it leads to would look like a success.
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const { status } = response;
    const answered = parsed(await response.text());
    const { data: problem } = problemSchema.safeParse(answered);
    return {
      answer: { url, status, replayed: response.headers.get('idempotent-replay') === 'true', body: answered },
      trouble: PASSING.has(status) ? [`status ${status}`, problem?.code ?? ''].filter((part) => part !== '').join(', ') : null,
      retryAfterSeconds: status < 400 ? null : (secondsIn(response.headers.get('retry-after')) ?? problem?.retryAfterSeconds ?? null),
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    return { code, trouble: cause instanceof Error ? cause.message || cause.name : String(cause), retryAfterSeconds: null };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); null when it is neither. */
function secondsIn(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1_000);
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
