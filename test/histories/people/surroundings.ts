import type { Random } from '../../domain/oracle/random.ts';
import type { ClientAnswer, ClientRequest } from '../history.ts';
import type { SlotPlan } from './slots.ts';

/** Where buyers and operators live: a simulated world, or the real one. */
export interface Surroundings {
  readonly random: Random;
  readonly slots: readonly SlotPlan[];
  /** Milliseconds for which buyers think at most; without any they get in each other's way at every step. */
  readonly thought: number;
  /** Versions of streams that somebody was told of last. */
  readonly versions: ReadonlyMap<string, number>;
  /** Epoch milliseconds. */
  now(): number;
  pause(milliseconds: number): Promise<void>;
}

/** Somebody's way to the service. */
export interface Asker {
  readonly name: string;
  /** A name that nobody else uses. */
  newName(what: string): string;
  /** Asks until there is an answer that settles it; null when patience is lost. */
  insist(request: ClientRequest): Promise<ClientAnswer | null>;
}

/** Problems after which the same request is sent again. */
const TRY_AGAIN: ReadonlySet<unknown> = new Set(['too-much-contention', 'unavailable', 'outcome-unknown', 'request-in-flight']);

/** Whether the same request has to be sent again. */
export function isUnsettled(answer: ClientAnswer | null): boolean {
  return answer === null || TRY_AGAIN.has(answer.body.code);
}
