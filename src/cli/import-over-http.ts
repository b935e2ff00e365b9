import { z } from 'zod';
import { streamOfSlot } from '../eventstore/streams.ts';
import { InputError } from '../integrations/input-error.ts';
import { type Patience, problemSchema, type ServiceAnswer, serviceRequests } from './import-requests.ts';
import { type ImportTarget, MAX_FIRST_EVENTS, type StepResult } from './import-target.ts';

const layoutAnswerSchema = z.object({ layoutId: z.string(), units: z.number() });
/** Opening, blocking and reopening answer the slot's summary. */
const slotAnswerSchema = z.object({ slotId: z.string() });
const eventsAnswerSchema = z.object({ items: z.array(z.object({ type: z.string(), data: z.unknown() })) });

/**
 * Imports through a running service, for example `http://127.0.0.1:8080`. Only what the service itself answers counts: a
 * redirect, a sign-in page or an answer about something else ends the import. Trouble that may pass is waited out.
 * Its calls throw InputError when no service answers there.
 */
export function importOverHttp(url: string, patience: Patience): ImportTarget {
  const base = baseOf(url);
  const ask = serviceRequests(patience);

  async function step(path: string, key: string, slotId: string, body: unknown): Promise<StepResult> {
    const answer = await ask({ url: `${base}${path}`, key, body });
    if (isSuccess(answer)) {
      if (contentOf(answer, slotAnswerSchema).slotId !== slotId) throw stranger(answer);
      return answer.replayed ? { kind: 'present' } : { kind: 'done' };
    }
    const problem = contentOf(answer, problemSchema);
    // The key of this very step is bound: an earlier import did it, maybe with slightly other content.
    if (problem.code === 'idempotency-key-reused' || problem.code === 'slot-exists') return { kind: 'present' };
    return { kind: 'refused', reason: problemText(problem) };
  }

  return {
    async defineLayout(layout) {
      const answer = await ask({ url: `${base}/layouts`, body: layout });
      if (isSuccess(answer)) return { ...contentOf(answer, layoutAnswerSchema), created: answer.status === 201 };
      throw new InputError(`the layout is refused: ${problemText(contentOf(answer, problemSchema))}`);
    },
    openSlot: (slot) => step('/slots', `import-open-${slot.slotId}`, slot.slotId, slot),
    blockUnits: (slotId, units, reason) =>
      step(`/slots/${slotId}/units/block`, `import-block-${reason.replaceAll(' ', '-')}`, slotId, { units, reason }),
    reopenSlot: (slotId) => step(`/slots/${slotId}/reopen`, 'import-reopen', slotId, {}),
    async firstEvents(slotId) {
      const answer = await ask({ url: `${base}/audit/streams/${streamOfSlot(slotId)}/events?limit=${MAX_FIRST_EVENTS}&upcast=true` });
      if (isSuccess(answer)) return { kind: 'read', events: contentOf(answer, eventsAnswerSchema).items };
      // Those who let imports through need not let everybody see the log.
      const { data: problem } = problemSchema.safeParse(answer.body);
      return { kind: 'unreadable', reason: problem === undefined ? `status ${answer.status}` : problemText(problem) };
    },
    close: async () => {},
  };
}

function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}/api/v1`;
}

function isSuccess({ status }: ServiceAnswer): boolean {
  return status >= 200 && status < 300;
}

/** The body, where it is what the service would answer. @throws InputError where it is not. */
function contentOf<Schema extends z.ZodType>(answer: ServiceAnswer, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(answer.body);
  if (!result.success) throw stranger(answer);
  return result.data;
}

function stranger({ url, status }: ServiceAnswer): InputError {
  return new InputError(`${url} does not answer as a Holdfast service (status ${status})`);
}

function problemText({ code, title, detail, errors }: z.infer<typeof problemSchema>): string {
  const faults = (errors ?? []).map(({ pointer, message }) => `${pointer ?? ''} ${message}`.trim()).join('; ');
  return [code, faults || detail || title || ''].filter((part) => part !== '').join(': ');
}
