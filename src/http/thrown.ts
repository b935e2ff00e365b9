import { TooMuchContentionError } from '../commands/command-service.ts';
import { EventsDetachedError, OutcomeUnknownError, StoreUnavailableError } from '../eventstore/event-store.ts';
import { ReplaysBusyError } from '../eventstore/replay-turns.ts';
import { ViewsUnavailableError } from '../queries/answers.ts';
import { type Problem, ProblemError, plainProblem } from './problem.ts';

/** Neither the request nor the service is at fault: what it needs was taken out of the log (docs/running.md). */
const DETACHED = {
  code: 'unavailable',
  detail: 'Events that this needs are archived: their part of the log was detached, and an operator has to attach it again.',
} as const satisfies Problem;

/** Of a repeat of a write, which was accepted before, as well as of a question about the past. */
const REPLAYS_BUSY = {
  code: 'unavailable',
  detail:
    'The answer lies in the past of a slot, and too many such answers wait to be read from the log. What was accepted before stands: ask again, with the same Idempotency-Key if there was one.',
} as const satisfies Problem;

/** Turns whatever a handler threw into a problem. What is not known is an `internal-error`, and says nothing of itself. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof TooMuchContentionError) return plainProblem('too-much-contention');
  if (error instanceof OutcomeUnknownError) return plainProblem('outcome-unknown');
  if (error instanceof StoreUnavailableError || error instanceof ViewsUnavailableError) return plainProblem('unavailable');
  if (error instanceof EventsDetachedError) return DETACHED;
  if (error instanceof ReplaysBusyError) return REPLAYS_BUSY;
  return plainProblem('internal-error');
}
