import { expect } from 'chai';
import { judgeRush } from '../../src/cli/rush/judge.ts';
import { openShow } from '../../src/cli/rush/open-show.ts';
import { ratesOf } from '../../src/cli/rush/rates.ts';
import { runRush } from '../../src/cli/rush/run-rush.ts';
import type { RushOutcome } from '../../src/cli/rush/rush-records.ts';
import { verifyLog } from '../../src/cli/verify/verify-log.ts';
import { openHoldfast } from '../../src/main.ts';
import { ask, type BookingBody, demand, type ProblemBody, show } from '../support/api.ts';
import { proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';

const SEATS = 1_000;
/** At two services: enough that they meet at the slot dozens of times, so that a share is no chance of who began. */
const SEATS_AT_BOTH = 4_000;
const BUYERS = 200;
const ROUNDS = 50;
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** Far above what an answer takes on a busy machine, far below what a starving service would need. */
const SLOWEST_MS = 10_000;

describe(`two services on one database, in a rush of buyers who all come at once (seed ${SEED})`, function () {
  this.timeout(60_000);
  const database = withDatabase();
  let services: SpawnedService[] = [];
  const urls = () => services.map(({ url }) => url);

  before(async () => {
    const start = () => spawnService({ databaseUrl: database() });
    services = await Promise.all([start(), start()]);
  });
  after(() => Promise.all(services.map((service) => service.end())));

  /** Sells the show out, and holds what came of it against the answers, the seat map and the log. */
  async function sellOut(slotId: string, seats: number, at: readonly string[]): Promise<RushOutcome> {
    await openShow(at[0]!, seats, slotId);
    const outcome = await runRush({ urls: at, slotId, buyers: BUYERS, seed: SEED });
    const { findings } = await judgeRush(at[0]!, outcome, seats);
    expect(findings.filter(({ holds }) => !holds).map(({ statement }) => statement)).to.deep.equal([]);
    // Nothing had to be asked again: no too-much-contention, no broken connection, nothing in flight.
    expect(outcome.resent, 'requests sent again').to.equal(0);
    expect(new Set(outcome.asked.map(({ quantity }) => quantity))).to.deep.equal(new Set([1, 2, 3, 4, 5, 6]));
    const { writesPerSecond, placesPerSecond, p50Ms, p99Ms, slowestMs } = ratesOf(outcome);
    console.log(
      `  ${seats} seats, ${BUYERS} buyers, ${at.length} service(s): ${outcome.durations.length} writes in ${outcome.seconds.toFixed(2)} s ` +
        `(${writesPerSecond.toFixed(0)}/s, ${placesPerSecond.toFixed(0)} seats/s), answers ${p50Ms.toFixed(0)} ms median, ` +
        `${p99Ms.toFixed(0)} ms 99 of 100, ${slowestMs.toFixed(0)} ms slowest`,
    );
    return outcome;
  }

  for (const [where, other] of [
    ['two services', 1],
    ['one service', 0],
  ] as const) {
    it(`give the very last seat to exactly one of two buyers at ${where}, ${ROUNDS} times`, async () => {
      const slotId = `last-at-${other + 1}`;
      await demand(201, urls()[0]!, '/slots', { body: show(slotId, { rows: 1, seatsPerRow: 3 }) });
      const others = { body: { customerId: 'c-0', units: ['1-1', '1-3'], confirm: { paymentReference: 'p-0' } }, key: 'others' };
      await demand(201, urls()[0]!, `/slots/${slotId}/bookings`, others);
      const wins = [0, 0];
      for (let round = 0; round < ROUNDS; round += 1) {
        const wanted = round % 2 === 0 ? { units: ['1-2'] } : { bestAvailable: { quantity: 1 } };
        const replies = await Promise.all(
          [urls()[0]!, urls()[other]!].map((url, buyer) => {
            const body = { customerId: `c-${buyer}`, ...wanted };
            return ask<BookingBody & ProblemBody>(url, `/slots/${slotId}/bookings`, { body, key: `${round} ${buyer}` });
          }),
        );
        expect(replies.map(({ status }) => status).sort(), JSON.stringify(replies)).to.deep.equal([201, 409]);
        const winner = replies.findIndex(({ status }) => status === 201);
        expect(replies[1 - winner]!.body.code).to.equal(round % 2 === 0 ? 'seats-taken' : 'sold-out');
        expect(replies[winner]!.body.claims.map(({ unitId }) => unitId)).to.deep.equal(['1-2']);
        wins[winner]! += 1;
        // The loser's service lets the winner give it back, so that it is the last seat once more.
        await demand(200, urls()[winner === 0 ? other : 0]!, `/bookings/${replies[winner]!.body.bookingId}/cancel`, { body: {} });
      }
      console.log(`  the last seat at ${where}: ${wins.join(' : ')}`);
      // Two services race for the log itself, and neither is always the first.
      if (other === 1) expect(Math.min(...wins)).to.be.greaterThan(0);
    });
  }

  // Both have just started and neither has had more to do than the other: the share of each is its own.
  it(`sell ${SEATS_AT_BOTH} seats once each to ${BUYERS / 2} buyers at each, and neither starves`, async () => {
    const { services: shares } = ratesOf(await sellOut('rush-at-both', SEATS_AT_BOTH, urls()));
    for (const [index, { asked, granted, slowestMs }] of shares.entries()) {
      console.log(`  service ${index + 1}: ${granted} of ${asked} requests for seats granted, slowest answer ${slowestMs.toFixed(0)} ms`);
    }
    const granted = shares.reduce((sum, share) => sum + share.granted, 0);
    expect(shares).to.have.lengthOf(2);
    for (const share of shares) {
      expect(share.granted, 'its share of the bookings').to.be.at.least(granted / 10);
      expect(share.slowestMs, 'its slowest answer').to.be.lessThan(SLOWEST_MS);
    }
  });

  it(`sell ${SEATS} seats once each to ${BUYERS} buyers at one of them, who are refused only what is not there`, async () => {
    await sellOut('rush-at-one', SEATS, urls().slice(0, 1));
  });

  it('leave a log in which nothing was ever taken twice, and which verify finds clean', async () => {
    const { faults, bookings } = proveLog(await readLog(urls()[1]!));
    expect(faults).to.deep.equal([]);
    for (const [slotId, seats] of [
      ['rush-at-one', SEATS],
      ['rush-at-both', SEATS_AT_BOTH],
    ] as const) {
      const sold = [...bookings].filter(([bookingId, { status }]) => bookingId.startsWith(`${slotId}.`) && status === 'CONFIRMED');
      expect(new Set(sold.flatMap(([, { units }]) => [...units.keys()])).size, slotId).to.equal(seats);
    }
    const parts = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    try {
      const report = await verifyLog(parts, { since: null, progress: { phase: () => undefined, update: () => undefined } });
      expect([report.verdict, report.faults]).to.deep.equal(['clean', []]);
      console.log(`  verify: ${report.counts.events} events, ${report.counts.rows} rows, clean in ${report.seconds.toFixed(1)} s`);
    } finally {
      await parts.close();
    }
  });
});
