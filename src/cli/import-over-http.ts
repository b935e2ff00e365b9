import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { InputError } from '../integrations/input-error.ts';
import type { ImportTarget, StepResult } from './import-target.ts';

const layoutAnswerSchema = z.object({ layoutId: z.string(), units: z.number() });
/** Opening, blocking and reopening answer the slot's summary. */
const slotAnswerSchema = z.object({ slotId: z.string() });
/** Every problem of the service has a code; an error without one is somebody else's. */
const problemSchema = z.object({
  code: z.string(),
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
  readonly url: string;
  readonly status: number;
  readonly replayed: boolean;
  readonly body: unknown;
}

/**
 * Imports through a running service, for example `http://127.0.0.1:8080`. Only what the service itself answers counts: a
 * redirect, a sign-in page or an answer about something else ends the import.
 * @throws InputError when the URL is none. The calls throw it when no service answers there.
 */
export function importOverHttp(url: string): ImportTarget {
  const base = baseOf(url);

  async function step(path: string, key: string, slotId: string, body: unknown): Promise<StepResult> {
    const answer = await post(`${base}${path}`, key, body);
    if (isSuccess(answer)) {
      if (contentOf(answer, slotAnswerSchema).slotId !== slotId) throw stranger(answer);
      return answer.replayed ? { kind: 'present', recent: true } : { kind: 'done' };
    }
    const problem = contentOf(answer, problemSchema);
    if (problem.code === 'idempotency-key-reused') return { kind: 'present', recent: true };
    if (problem.code === 'slot-exists') return { kind: 'present', recent: false };
    return { kind: 'refused', reason: problemText(problem) };
  }

  return {
    async defineLayout(layout) {
      const answer = await post(`${base}/layouts`, null, layout);
      if (isSuccess(answer)) return { ...contentOf(answer, layoutAnswerSchema), created: answer.status === 201 };
      throw new InputError(`the layout is refused: ${problemText(contentOf(answer, problemSchema))}`);
    },
    openSlot: (slot) => step('/slots', `import-open-${slot.slotId}`, slot.slotId, slot),
    blockUnits: (slotId, units, reason) =>
      step(`/slots/${slotId}/units/block`, `import-block-${reason.replaceAll(' ', '-')}`, slotId, { units, reason }),
    reopenSlot: (slotId) => step(`/slots/${slotId}/reopen`, 'import-reopen', slotId, {}),
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
    const { data: problem } = problemSchema.safeParse(answer.body);
    const retryAfterSeconds = isSuccess(answer) ? undefined : problem?.retryAfterSeconds;
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
      // Followed, a redirect of a POST becomes a GET, and whatever page it leads to would look like a success.
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    return { url, status: response.status, replayed: response.headers.get('idempotent-replay') === 'true', body: parsed(text) };
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

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The body, where it is what the service would answer. @throws InputError where it is not. */
function contentOf<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(answer.body);
  if (!result.success) throw stranger(answer);
  return result.data;
}

function stranger({ url, status }: Answer): InputError {
  return new InputError(`${url} does not answer as a Holdfast service (status ${status})`);
}

function problemText({ code, title, detail, errors }: Problem): string {
  const faults = (errors ?? []).map(({ pointer, message }) => `${pointer ?? ''} ${message}`.trim()).join('; ');
  return [code, faults || detail || title || ''].filter((part) => part !== '').join(': ');
}
