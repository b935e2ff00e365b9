import { TooMuchContentionError } from '../commands/command-service.ts';
import { OutcomeUnknownError, StoreUnavailableError } from '../eventstore/event-store.ts';
import { ViewsUnavailableError } from '../queries/answers.ts';
import { type Problem, ProblemError, plainProblem } from './problem.ts';

/** Turns whatever a handler threw into a problem. What is not known is an `internal-error`, and says nothing of itself. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof TooMuchContentionError) return plainProblem('too-much-contention');
  if (error instanceof OutcomeUnknownError) return plainProblem('outcome-unknown');
  if (error instanceof StoreUnavailableError || error instanceof ViewsUnavailableError) return plainProblem('unavailable');
  return plainProblem('internal-error');
}
