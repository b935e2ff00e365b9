import { expect } from 'chai';
import pg from 'pg';
import { asReadError, asWriteError } from '../../src/eventstore/postgres/connections.ts';

function said(severity: string, code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('no', 2, 'error'), { severity, code });
}

const nameOf = (error: unknown) => (error as Error).name;

describe('a write that PostgreSQL refuses', () => {
  for (const severity of ['ERROR', 'FEHLER', 'ERREUR', 'ОШИБКА', '错误']) {
    it(`was not done, in whatever language that is said (${severity})`, () => {
      for (const [what, code] of [
        ['the lock was not to be had in time', '55P03'],
        ['the statement took too long', '57014'],
        ['a deadlock', '40P01'],
        ['the transaction is aborted', '25P02'],
      ] as const)
        expect(nameOf(asWriteError(said(severity, code))), what).to.equal('StoreUnavailableError');

      const badValue = said(severity, '22P05');
      expect(asWriteError(badValue), 'speaks of what was to be written').to.equal(badValue);
      expect(asReadError(badValue)).to.equal(badValue);
    });
  }

  it('was not done either where an error tells of a condition that could have been a panic, as far as the word says that it is none', () => {
    for (const code of ['53100', '58030', '53200'])
      expect(nameOf(asWriteError(said('ERROR', code))), code).to.equal('StoreUnavailableError');
  });

  it('may have been done where the session ended, in whatever language that is said', () => {
    for (const severity of ['FATAL', 'ВАЖНО', '致命错误']) {
      for (const code of ['57P01', '57P02', '57P05', '25P03', '25P04', '08P01'])
        expect(nameOf(asWriteError(said(severity, code))), `${severity} ${code}`).to.equal('OutcomeUnknownError');
    }
    for (const severity of ['PANIC', 'PANIK', 'ПАНИКА']) {
      for (const code of ['XX000', '53100', '58030'])
        expect(nameOf(asWriteError(said(severity, code))), `${severity} ${code}`).to.equal('OutcomeUnknownError');
    }
    expect(nameOf(asWriteError(said('FATAL', '40001'))), 'FATAL is the word in many languages').to.equal('OutcomeUnknownError');
    expect(nameOf(asWriteError(new Error('Connection terminated unexpectedly')))).to.equal('OutcomeUnknownError');
  });

  it('leaves a failed read to be tried again where the session ended', () => {
    for (const error of [said('FATAL', '57P01'), said('ВАЖНО', '57P01'), new Error('Connection terminated unexpectedly')])
      expect(nameOf(asReadError(error))).to.equal('StoreUnavailableError');
  });
});
