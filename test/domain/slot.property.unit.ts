import { expect } from 'chai';
import type { AxisType } from './oracle/scenario.ts';
import { Sequence, type Tally } from './oracle/sequence.ts';

const SEQUENCES = Number(process.env.HOLDFAST_SEQUENCES ?? 1000);
/** Another one for every run, so that each run looks elsewhere; a failure names its own. */
const SEED = Number(process.env.HOLDFAST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** What must have happened at least once in a thousand sequences, or they prove less than they seem to. */
const WORTHWHILE: readonly string[] = [
  'RequestBooking accepted',
  'RequestBooking seats-taken',
  'RequestBooking sold-out',
  'RequestBooking limit-exceeded',
  'ConfirmBooking accepted',
  'ConfirmBooking hold-expired',
  'ConfirmBooking already-confirmed',
  'ConfirmBooking already-released',
  'CancelBooking accepted',
  'ChangeBooking accepted',
  'ChangeBooking seats-taken',
  'ExtendHold accepted',
  'ExtendHold hold-cap-reached',
  'BlockUnits accepted',
  'BlockUnits seats-taken',
  'UnblockUnits accepted',
  'WithdrawUnits accepted',
  'WithdrawUnits seats-taken',
  'AddUnits accepted',
  'ChangeUnits accepted',
  'ChangeUnits seats-taken',
  'RequestBooking slot-closed',
  'CancelSlot accepted',
  'ReleaseCancelled accepted',
  'ReleaseExpired accepted',
  'RequestBooking stale-version',
  'a unit is full',
];

describe('any sequence of commands', function () {
  this.timeout(300_000);

  for (const axisType of ['whole', 'stops', 'time'] satisfies readonly AxisType[]) {
    it(`on a slot over "${axisType}" is decided as the oracle says`, () => {
      const tally: Tally = new Map();
      for (let index = 0; index < SEQUENCES; index += 1) {
        const seed = (SEED + index) % 2 ** 32;
        const sequence = new Sequence(axisType, seed, tally);
        try {
          sequence.run();
        } catch (error) {
          const last = sequence.decided
            .slice(-5)
            .map((envelope) => JSON.stringify(envelope))
            .join('\n');
          throw new Error(
            `HOLDFAST_SEED=${seed} HOLDFAST_SEQUENCES=1 repeats this: ${(error as Error).message}\nThe last commands:\n${last}`,
            {
              cause: error,
            },
          );
        }
      }
      if (SEQUENCES >= 1000) expect(WORTHWHILE.filter((what) => !tally.has(what))).to.deep.equal([]);
    });
  }
});
