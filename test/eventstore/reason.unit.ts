import { expect } from 'chai';
import { reasonIn } from '../../src/eventstore/embedded/reason.ts';

const TOLD_BY: readonly [what: string, output: string, reason: string][] = [
  [
    'the last failure, with what was added to it',
    `2026-02-01 10:00:00.000 UTC [7] FATAL:  lock file "postmaster.pid" already exists
2026-02-01 10:00:01.000 UTC [8] LOG:  starting PostgreSQL 18.4
2026-02-01 10:00:01.000 UTC [8] FATAL:  could not map anonymous shared memory: Cannot allocate memory
2026-02-01 10:00:01.000 UTC [8] HINT:  This error usually means too little memory.
2026-02-01 10:00:01.000 UTC [8] LOG:  database system is shut down
`,
    'could not map anonymous shared memory: Cannot allocate memory. This error usually means too little memory',
  ],
  [
    'what ended it, and not what clients were told meanwhile',
    `2026-02-01 10:00:00.000 UTC [8] PANIC:  could not locate a valid checkpoint record at 0/155A1B8
2026-02-01 10:00:00.000 UTC [9] FATAL:  the database system is starting up
2026-02-01 10:00:00.000 UTC [7] LOG:  aborting startup due to startup process failure
`,
    'could not locate a valid checkpoint record at 0/155A1B8',
  ],
  [
    'what initdb calls an error',
    `creating directory /data/postgres ... initdb: error: could not create directory "/data/postgres": No space left on device
initdb: removing contents of data directory "/data/postgres"
`,
    'could not create directory "/data/postgres": No space left on device',
  ],
  [
    'the last line of a program that did not even begin',
    'postgres: cannot execute: required file not found\n',
    'postgres: cannot execute: required file not found',
  ],
  ['that there is none', '\n', 'it did not say why'],
];

describe('the reason that a program of PostgreSQL gives', () => {
  for (const [what, output, reason] of TOLD_BY) {
    it(`is ${what}`, () => {
      expect(reasonIn(output)).to.equal(reason);
    });
  }
});
