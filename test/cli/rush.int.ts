import { expect } from 'chai';
import { freePlaces, judgeRush, type Verdict } from '../../src/cli/rush/judge.ts';
import { MAX_SEATS, openShow } from '../../src/cli/rush/open-show.ts';
import { ratesOf } from '../../src/cli/rush/rates.ts';
import { runRush } from '../../src/cli/rush/run-rush.ts';
import type { RushOutcome } from '../../src/cli/rush/rush-records.ts';
import type { Service } from '../../src/main.ts';
import { DecidedSlot } from '../support/decided-history.ts';
import { withDatabase } from '../support/postgres.ts';
import { append } from '../support/read-side.ts';
import { startService } from '../support/service.ts';
import { claim, confirmed, held, NOW, openSlot, stopsAxis } from '../support/slot-builders.ts';

const SEATS = 90;

describe('a rush', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service;
  let outcome: RushOutcome;

  before(async () => {
    service = await startService(database());
    await openShow(service.url, SEATS, 'show');
    outcome = await runRush({ urls: [service.url], slotId: 'show', buyers: 25, seed: 7 });
  });
  after(() => service.stop());

  function wrongIn({ holds, findings }: Verdict): readonly string[] {
    const wrong = findings.filter((finding) => !finding.holds).map(({ statement }) => statement);
    expect(holds).to.equal(wrong.length === 0);
    return wrong;
  }

  it('sells every seat once, refuses nobody without need, and proves it', async () => {
    const verdict = await judgeRush(service.url, outcome, SEATS);
    expect(wrongIn(verdict)).to.deep.equal([]);
    expect(outcome.asked.filter(({ code }) => code === 'sold-out')).to.have.length.of.at.least(25);
    expect([...outcome.bookings.values()].map(({ status }) => status)).to.include('CANCELLED');
    expect(await freePlaces(service.url, 'show')).to.equal(0);
  });

  it('tells how fast it was', () => {
    const rates = ratesOf(outcome);
    expect(rates.services).to.have.lengthOf(1);
    expect(rates.services[0]).to.deep.include({ url: service.url, asked: outcome.asked.length });
    expect(rates.p50Ms).to.be.greaterThan(0).and.at.most(rates.p99Ms);
    expect(rates.p99Ms).to.be.at.most(rates.slowestMs);
  });

  it('may be for as many seats as it offers', async () => {
    await openShow(service.url, MAX_SEATS, 'largest');
    expect(await freePlaces(service.url, 'largest')).to.equal(MAX_SEATS);
  });

  it('asks the same again for the same seed', async () => {
    await openShow(service.url, SEATS, 'again');
    const once = await runRush({ urls: [service.url], slotId: 'again', buyers: 1, seed: 3 });
    await openShow(service.url, SEATS, 'once-more');
    const twice = await runRush({ urls: [service.url], slotId: 'once-more', buyers: 1, seed: 3 });
    expect(twice.asked.map(({ quantity }) => quantity)).to.deep.equal(once.asked.map(({ quantity }) => quantity));
  });

  describe('whose outcome is not as it should be', () => {
    it('is judged by what the buyers were told: a seat that was not sold', async () => {
      expect(wrongIn(await judgeRush(service.url, outcome, SEATS + 1))).to.deep.equal([
        `buyers were sold ${SEATS} places by the answers, ${SEATS + 1} were free before`,
      ]);
    });

    it('is judged by what the buyers were told: a booking that is not in the log', async () => {
      const bookings = new Map(outcome.bookings).set('show.lost', { bookingId: 'show.lost', status: 'CONFIRMED', units: ['1-1'] });
      const wrong = wrongIn(await judgeRush(service.url, { ...outcome, bookings }, SEATS + 1));
      expect(wrong).to.deep.equal([
        'answers, seat map and log disagree on 1 units: 1-1: 2 by the answers, 1 on the seat map, 1 in the log',
      ]);
    });

    it('is judged by its refusals: one while enough places were free, one on an old version, one without a record', async () => {
      const [first, second, third] = outcome.asked.filter(({ code }) => code !== null);
      const changes = new Map<unknown, object>([
        [first, { quantity: 0 }],
        [second, { knownVersion: 1_000_000 }],
        [third, { attemptId: null }],
      ]);
      const asked = outcome.asked.map((one) => ({ ...one, ...changes.get(one) }));
      const wrong = wrongIn(await judgeRush(service.url, { ...outcome, asked }, SEATS));
      expect(wrong).to.have.lengthOf(3);
      expect(wrong[0]).to.match(/^1 of \d+ refusals came while enough places were free for them: 0 asked, \d+ free at version \d+$/);
      expect(wrong[1]).to.match(/^1 of \d+ refusals were decided on an older version than was known: /);
      expect(wrong[2]).to.match(/^1 refusals have no record to prove them by/);
    });

    it('is judged by the log: a seat that was given away twice', async () => {
      const twice = claim('1-1');
      await append(service.store, 'slot-show', [...held('show.twice', [twice]), confirmed('show.twice', [twice])]);
      const wrong = wrongIn(await judgeRush(service.url, outcome, SEATS));
      expect(wrong.some((statement) => /^1 places were given away twice .*: 1-1 at version \d+$/.test(statement))).to.equal(true);
    });
  });

  it('is none on a slot that is sold by stops', async () => {
    const { store } = service;
    await DecidedSlot.open(store, openSlot({ slotId: 'trip', axis: stopsAxis(3) }), NOW);
    const failure = await freePlaces(service.url, 'trip').catch((error: Error) => error.message);
    expect(failure).to.equal('slot trip is sold by stops; a rush needs one that is sold as a whole');
  });
});
