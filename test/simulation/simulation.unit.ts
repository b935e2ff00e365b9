import { expect } from 'chai';
import { simulateInOwnProcess } from './in-own-process.ts';

const SIMULATIONS = Number(process.env.HOLDFAST_SIMULATIONS ?? 200);
/** Another one for every run, so that each run looks elsewhere; a failure names its own. */
const SEED = Number(process.env.HOLDFAST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** What must have happened at least once in two hundred worlds, or they prove less than they seem to. */
const WORTHWHILE: readonly string[] = [
  'an append conflicts',
  'an append lands late',
  'append answer-lost',
  'append request-lost',
  'append twice',
  'append unavailable',
  'locked append done',
  'crash',
  'freeze',
  'a day later',
  'answer: no answer',
  'answer: done',
  'answer: seats-taken',
  'answer: sold-out',
  'answer: not-adjacent',
  'answer: hold-expired',
  'answer: already-confirmed',
  'answer: already-released',
  'answer: slot-closed',
  'answer: stale-version',
  'answer: not-on-sale',
  'answer: in-the-past',
  'answer: span-invalid',
  'answer: price-changed',
  'answer: idempotency-key-reused',
  'answer: unavailable',
  'event: BookingChanged',
  'event: BookingConfirmed',
  'event: BookingCancelled',
  'event: BookingExpired',
  'event: HoldExtended',
  'event: SeatsReleased',
  'event: SlotCancelled',
  'event: SlotChanged',
  'event: UnitsBlocked',
  'event: UnitsUnblocked',
  'event: UnitsWithdrawn',
  'event: LayoutCompleted',
];

/** What cannot be judged from outside; anything else that is not judged is a hole in the judge. */
const NOT_JUDGED: readonly string[] = ['not judged: would-leave-orphan'];

describe(`a simulated world (seed ${SEED})`, function () {
  this.timeout(60_000 + SIMULATIONS * 1_000);

  it('is the same for the same seed, down to the log', async () => {
    const [one, other] = [await simulateInOwnProcess(SEED, 20), await simulateInOwnProcess(SEED, 20)];

    expect(one.traces).to.have.length(20);
    expect(new Set(one.traces).size, 'other seeds, other worlds').to.equal(20);
    expect(other.traces).to.deep.equal(one.traces);
  });

  it(`has nothing sold twice, lost or wrongly refused, ${SIMULATIONS} times over`, async () => {
    const { done, failures, tally } = await simulateInOwnProcess(SEED, SIMULATIONS);

    const told = failures.map(({ seed, faults }) => `HOLDFAST_SEED=${seed} HOLDFAST_SIMULATIONS=1 repeats this:\n${faults.join('\n')}`);
    expect(failures, told.join('\n\n')).to.deep.equal([]);
    expect(done).to.equal(SIMULATIONS);
    if (SIMULATIONS >= 200) expect(WORTHWHILE.filter((what) => tally[what] === undefined)).to.deep.equal([]);
    const unjudged = Object.keys(tally).filter((what) => what.startsWith('not judged: '));
    expect(NOT_JUDGED, 'what is known not to be judged').to.include.members(unjudged);
    const answers = Object.entries(tally).filter(([what]) => what.startsWith('answer: '));
    const notJudged = Object.entries(tally).filter(([what]) => what.startsWith('not judged: '));
    const sum = (entries: readonly (readonly [string, number])[]) => entries.reduce((all, [, count]) => all + count, 0);
    console.log(
      `      ${done} worlds: ${sum(answers)} requests, ${tally['answer: done']} done, ${tally['answer: no answer']} without an answer;` +
        ` ${tally['an append conflicts']} conflicts, ${tally['an append lands late']} late appends, ${tally.crash} crashes;` +
        ` not judged: ${notJudged.map(([what, count]) => `${count} ${what.slice('not judged: '.length)}`).join(', ')}`,
    );
  });
});
