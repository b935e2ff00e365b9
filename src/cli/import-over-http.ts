import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { InputError } from '../integrations/input-error.ts';
import type { ImportTarget, StepResult } from './import-target.ts';

const layoutAnswerSchema = z.object({ layoutId: z.string(), units: z.number() });
const problemSchema = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  title: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), message: z.string() })).optional(),
});
type Problem = z.infer<typeof problemSchema>;

/** A stadium's layout takes a few seconds; past this the service is taken for dead. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A busy service says when to come back; one that says so five times over is not going to make it. */
const MAX_TRIES = 5;
const MAX_WAIT_SECONDS = 10;

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: unknown;
}

/** Imports through a running service, for example `http://127.0.0.1:8080`. @throws InputError when the URL is none. */
export function importOverHttp(url: string): ImportTarget {
  const base = baseOf(url);

  async function step(path: string, key: string, body: unknown): Promise<StepResult> {
    const answer = await post(`${base}${path}`, key, body);
    if (answer.status < 300) return answer.replayed ? { kind: 'present', recent: true } : { kind: 'done' };
    const problem = problemOf(answer);
    if (problem.code === 'idempotency-key-reused') return { kind: 'present', recent: true };
    if (problem.code === 'slot-exists') return { kind: 'present', recent: false };
    return { kind: 'refused', reason: problemText(problem, answer.status) };
  }

  return {
    async defineLayout(layout) {
      const answer = await post(`${base}/layouts`, null, layout);
      if (answer.status >= 300) throw new InputError(`the layout is refused: ${problemText(problemOf(answer), answer.status)}`);
      return { ...layoutAnswerSchema.parse(answer.body), created: answer.status === 201 };
    },
    openSlot: (slot) => step('/slots', `import-open-${slot.slotId}`, slot),
    blockUnits: (slotId, units, reason) =>
      step(`/slots/${slotId}/units/block`, `import-block-${reason.replaceAll(' ', '-')}`, { units, reason }),
    reopenSlot: (slotId) => step(`/slots/${slotId}/reopen`, 'import-reopen', {}),
    close: async () => {},
  };
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new InputError(`--url ${url} is not an http or https address`);
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/api/v1`;
}

async function post(url: string, key: string | null, body: unknown): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(url, key, body);
    const { retryAfterSeconds } = answer.status < 300 ? {} : problemOf(answer);
    if (retryAfterSeconds === undefined || tries === MAX_TRIES) return answer;
    await wait(Math.min(retryAfterSeconds, MAX_WAIT_SECONDS) * 1_000);
  }
}

async function send(url: string, key: string | null, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }) };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, replayed: response.headers.get('idempotent-replay') === 'true', body: parsed(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new InputError(`${url} does not answer: ${cause instanceof Error ? cause.message || cause.name : cause}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf({ body }: Answer): Problem {
  const result = problemSchema.safeParse(body);
  return result.success ? result.data : {};
}

function problemText({ code, title, detail, errors }: Problem, status: number): string {
  const faults = (errors ?? []).map(({ pointer, message }) => `${pointer ?? ''} ${message}`.trim()).join('; ');
  return [code ?? `status ${status}`, faults || detail || title || ''].filter((part) => part !== '').join(': ');
}
