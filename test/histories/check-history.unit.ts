import { expect } from 'chai';
import { eventsOfAudit, placeOf } from './audit.ts';
import { ANSWER_DAMAGES } from './damages/answers.ts';
import { CLAIMS_A3, hold } from './damages/damage.ts';
import { DEED_DAMAGES } from './damages/deeds.ts';
import { HALF_DAMAGES } from './damages/half.ts';
import { KEY_DAMAGES } from './damages/keys.ts';
import { LOG_DAMAGES } from './damages/log.ts';
import { READ_DAMAGES } from './damages/reads.ts';
import { REASON_DAMAGES } from './damages/reasons.ts';
import { REFUSAL_DAMAGES } from './damages/refusals.ts';
import { SPAN_DAMAGES } from './damages/spans.ts';
import { TIME_DAMAGES } from './damages/times.ts';
import { UNDONE_DAMAGES } from './damages/undone.ts';
import { at, bookingRequest, get, held, requested, T0 } from './made-history.ts';
import { rightHistory } from './right-history.ts';

const DAMAGES = [
  ...[...LOG_DAMAGES, ...SPAN_DAMAGES, ...HALF_DAMAGES, ...DEED_DAMAGES, ...ANSWER_DAMAGES, ...UNDONE_DAMAGES],
  ...[...REFUSAL_DAMAGES, ...REASON_DAMAGES, ...KEY_DAMAGES, ...READ_DAMAGES, ...TIME_DAMAGES],
];

describe('a history that is as it must be', () => {
  it('has no fault, and nothing in it goes unjudged', () => {
    const report = rightHistory().check();

    expect(report.faults).to.deep.equal([]);
    expect([...report.notJudged]).to.deep.equal([]);
    expect(report.events).to.equal(16);
    expect(report.answers.get('done')).to.equal(10);
    expect(report.answers.get('no answer')).to.equal(1);
  });

  it('may have a request done, or not, whose answer was lost', () => {
    const done = rightHistory();
    const notDone = rightHistory();
    const request = bookingRequest('show.z', 'zoe', { units: ['A3'] });
    done.log('show', 'BookingRequested', requested('show.z', 'zoe', CLAIMS_A3));
    done.log('show', 'SeatsHeld', held('show.z', 'zoe', CLAIMS_A3, done.seconds));
    for (const history of [done, notDone]) history.lose('zoe', request);

    expect(done.check().faults).to.deep.equal([]);
    expect(notDone.check().faults).to.deep.equal([]);
  });

  it('may refuse for a hold that lapsed during the request, or that may not have by the clock that decided', () => {
    for (const [seconds, skew] of [
      [598, 0],
      [604, 10_000],
    ] as const) {
      const history = rightHistory();
      hold(history, 'show.z', CLAIMS_A3);
      history.seconds += seconds;
      history.serviceSkewMs = skew;
      const body = { code: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] };
      history.ask('yan', bookingRequest('show.y', 'yan', { units: ['A3'] }), 409, body);

      expect(history.check().faults).to.deep.equal([]);
    }
  });

  it('may have answers that only say that the request may be sent again, and they are counted', () => {
    const history = rightHistory();
    history.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 409, { code: 'too-much-contention' });
    history.ask('zoe', bookingRequest('show.z', 'zoe', { units: ['A3'] }), 503, { code: 'outcome-unknown' });
    const { faults, answers } = history.check();

    expect(faults).to.deep.equal([]);
    expect(answers.get('too-much-contention')).to.equal(1);
  });

  it('may have reads that are told in time that what they named was not there yet', () => {
    const history = rightHistory();
    const { position } = history.records.at(-1)!.answer!;
    history.ask('erin', get('/bookings/show.a', position!), 503, { code: 'view-behind' }, { version: 12 });

    expect(history.check().faults).to.deep.equal([]);
  });

  it('tells which answers it could not judge', () => {
    const history = rightHistory();
    history.ask('operator', { method: 'PATCH', path: '/slots/show', body: { endsAt: at(0) }, ifMatch: 16 }, 400, { code: 'invalid-input' });
    history.ask('zoe', get('/slots?text=hamlet'), 200, { items: [] });

    expect([...history.check().notJudged]).to.deep.equal([
      ['another address', 1],
      ['invalid-input', 1],
    ]);
  });
});

describe('a history in which', () => {
  for (const { what, spoil, rule, words } of DAMAGES) {
    it(`${what} is found out (${rule})`, () => {
      const history = rightHistory();
      spoil(history);
      const { faults, faultCount } = history.check();

      expect(faultCount).to.be.greaterThan(0);
      expect(
        faults
          .filter((fault) => fault.rule === rule)
          .map((fault) => fault.what)
          .join('\n'),
      ).to.include(words);
    });
  }
});

describe('the log as auditors get it', () => {
  it('is read with its positions and instants as numbers', () => {
    const token = Buffer.from('7').toString('base64url');
    const item = { position: token, streamId: 'slot-show', version: 2, eventId: 'e', type: 'SlotClosed', data: { reason: null } };
    const metadata = { time: at(5), recordedAt: at(6), commandId: 'k', hash: '', previousHash: '' };

    expect(eventsOfAudit([{ ...item, metadata }])).to.deep.equal([
      { ...item, position: 7, at: T0 + 5_000, recordedAt: T0 + 6_000, commandId: 'k' },
    ]);
    expect(placeOf(Buffer.from('9~3~slot-a~b').toString('base64url'))).to.deep.equal({ position: 9, version: 3, streamId: 'slot-a~b' });
  });
});
