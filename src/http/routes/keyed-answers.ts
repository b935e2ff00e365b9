import type { CommandContext } from '../../commands/command-service.ts';
import type { Claim, KeyClaims, Reservation } from '../../commands/key-claims.ts';
import { OutcomeUnknownError } from '../../eventstore/event-store.ts';
import type { Answer, Exchange } from '../exchange.ts';
import { ProblemError, plainProblem } from '../problem.ts';
import { problemAnswer } from './reading.ts';
import { REPLAYED } from './writing.ts';

/** An answer that is kept is some hundred bytes long. A longer one than this is given, but its key stays free, or the keys would need as much room as the log. */
const MAX_KEPT_LENGTH = 64 * 1024;

interface Asked {
  readonly exchange: Exchange;
  readonly context: CommandContext;
}

/** Answers to requests whose path tells no stream, so that their key has to be claimed first. Without a key they are just carried out. */
export class KeyedAnswers {
  private readonly claims: KeyClaims;

  constructor(claims: KeyClaims) {
    this.claims = claims;
  }

  /** Of a request that opens a slot: its stream answers a repeat. */
  opening(asked: Asked, slotId: string, answer: () => Promise<Answer>): Promise<Answer> {
    return this.claimed(asked, slotId, answer, async (_, given) => given);
  }

  /** Of a request that may be carried out again without harm: its answer is kept, and given to a repeat. */
  kept(asked: Asked, answer: () => Promise<Answer>): Promise<Answer> {
    return this.claimed(asked, null, answer, async (reservation, given) => {
      const text = textOf(given);
      if (text.length > MAX_KEPT_LENGTH) {
        await this.claims.release(reservation);
        return given;
      }
      const faster = await this.claims.bind(reservation, text);
      return faster === null ? given : repeated(faster);
    });
  }

  private async claimed(
    { exchange, context }: Asked,
    slotId: string | null,
    answer: () => Promise<Answer>,
    bind: (reservation: Reservation, given: Answer) => Promise<Answer>,
  ): Promise<Answer> {
    const { commandId, commandHash } = context;
    if (commandId === null || commandHash === null) return answer();
    const claim = await this.claims.claim({ commandId, bodyHash: commandHash, slotId });
    switch (claim.kind) {
      case 'answered':
        return repeated(claim.answer);
      case 'reused':
        return problemAnswer(exchange, plainProblem('idempotency-key-reused'), { position: positionOf(claim.by) });
      case 'in-flight':
        throw new ProblemError(plainProblem('request-in-flight'));
      case 'reserved':
        return this.carriedOut(claim.reservation, answer, bind);
    }
  }

  /** A success binds the key, and so may what nobody knows the outcome of; all else leaves it free. */
  private async carriedOut(
    reservation: Reservation,
    answer: () => Promise<Answer>,
    bind: (reservation: Reservation, given: Answer) => Promise<Answer>,
  ): Promise<Answer> {
    let given: Answer;
    try {
      given = await answer();
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) await this.claims.release(reservation);
      throw error;
    }
    if (given.status < 400) return bind(reservation, given);
    await this.claims.release(reservation);
    return given;
  }
}

function textOf({ status, headers, body, place }: Answer): string {
  return JSON.stringify({ status, headers, body, place });
}

/** Where the request is in the log that the key belongs to. */
function positionOf(by: Extract<Claim, { readonly kind: 'reused' }>['by']): number {
  return 'position' in by ? by.position : answerOf(by.answer).place.position;
}

function answerOf(text: string): Answer {
  return JSON.parse(text) as Answer;
}

/** The answer that was given then, which says so. */
function repeated(text: string): Answer {
  const then = answerOf(text);
  return { ...then, headers: { ...then.headers, ...REPLAYED } };
}
