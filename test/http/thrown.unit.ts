import { expect } from 'chai';
import { TooMuchContentionError } from '../../src/commands/command-service.ts';
import { EventsDetachedError, OutcomeUnknownError, StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { ReplaysBusyError } from '../../src/eventstore/replay-turns.ts';
import { PROBLEMS } from '../../src/http/problem.ts';
import { problemOfError } from '../../src/http/thrown.ts';
import { ViewsUnavailableError } from '../../src/queries/answers.ts';

describe('what a handler threw', () => {
  it('is a problem of its kind where the kind is known, and says nothing of itself', () => {
    for (const [error, code] of [
      [new TooMuchContentionError('inner words'), 'too-much-contention'],
      [new OutcomeUnknownError('inner words'), 'outcome-unknown'],
      [new StoreUnavailableError('inner words'), 'unavailable'],
      [new ViewsUnavailableError('inner words'), 'unavailable'],
      [new Error('inner words'), 'internal-error'],
    ] as const)
      expect(problemOfError(error), error.name).to.deep.equal({ code, detail: PROBLEMS[code].meaning });
  });

  it('tells who needs events that were detached that it is no fault, and who can help', () => {
    const { code, detail } = problemOfError(new EventsDetachedError('inner words'));

    expect(code).to.equal('unavailable');
    expect(detail).to.include('an operator has to attach it');
    expect(detail).to.not.include('inner words');
  });

  it('does not tell who repeats a write, and has to wait for its answer, that nothing was written', () => {
    const { code, detail } = problemOfError(new ReplaysBusyError());

    expect(code).to.equal('unavailable');
    expect(PROBLEMS[code]).to.have.property('retryAfterSeconds');
    expect(detail).to.include('with the same Idempotency-Key').and.to.not.include('nothing was written');
  });
});
