import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, type BookingBody, demand, type Json, show } from '../support/api.ts';
import type { CrowdOrder, CrowdReport } from '../support/live-crowd.ts';
import { withDatabase } from '../support/postgres.ts';
import { type Random, seeded } from '../support/random.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const WATCHERS = Number(process.env.HOLDFAST_WATCHERS ?? 100);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 16;
/** Requests of each part of the rush, at least. */
const REQUESTS = Math.max(300, 4 * WATCHERS);
const SIZE = { rows: 20, seatsPerRow: 25, yard: 100_000 };
const CROWD = fileURLToPath(new URL('../support/live-crowd.ts', import.meta.url));

/** A crowd in another process. */
class Crowd {
  private readonly child: ChildProcess = fork(CROWD, { execArgv: ['--import', 'tsx'] });

  async order(order: CrowdOrder): Promise<CrowdReport> {
    this.child.send(order);
    const [report] = (await once(this.child, 'message')) as [CrowdReport];
    return report;
  }

  end(): void {
    this.child.kill();
  }
}

/** Buyers who hold, confirm and cancel, as fast as they are answered. */
class Rush {
  /** When which version was answered; epoch milliseconds. */
  readonly answered: [version: number, at: number][] = [];
  requests = 0;
  private readonly url: string;
  private readonly slotId: string;
  private readonly random: Random;
  private keys = 0;

  constructor(url: string, slotId: string, seed: number) {
    this.url = url;
    this.slotId = slotId;
    this.random = seeded(seed);
  }

  /** Goes on until it has made so many requests and `isEnough`. @returns requests per second. */
  async run(requests: number, isEnough: () => boolean = () => true): Promise<number> {
    const before = this.requests;
    const begun = performance.now();
    const buyer = async () => {
      while (this.requests - before < requests || !isEnough()) await this.buy();
    };
    await Promise.all(Array.from({ length: BUYERS }, buyer));
    return ((this.requests - before) * 1_000) / (performance.now() - begun);
  }

  private async buy(): Promise<void> {
    const { random } = this;
    const row = 1 + Math.floor(random() * SIZE.rows);
    const seat = 1 + Math.floor(random() * SIZE.seatsPerRow);
    const units = random() < 0.2 ? [{ unitId: 'yard', quantity: 1 }] : [`${row}-${seat}`];
    const held = await this.send(`/slots/${this.slotId}/bookings`, { customerId: 'c', units });
    if (held === null) return;
    const turn = random();
    if (turn < 0.6) await this.send(`/bookings/${held}/cancel`, {});
    else if (turn < 0.65) await this.send(`/bookings/${held}/confirm`, { paymentReference: held });
  }

  /** @returns the booking's id; null when it was refused because the seat is taken. */
  private async send(path: string, body: object): Promise<string | null> {
    this.keys += 1;
    const reply = await ask<BookingBody & { code?: string }>(this.url, path, { body, key: `${SEED}-${this.slotId}-${this.keys}` });
    this.requests += 1;
    if (reply.status === 409 && reply.body.code === 'seats-taken') return null;
    if (reply.status >= 300) throw new Error(`${path} was answered with ${reply.status}: ${JSON.stringify(reply.body)}`);
    this.answered.push([reply.body.version, Date.now()]);
    return reply.body.bookingId;
  }
}

function quantiles(values: number[]): string {
  values.sort((a, b) => a - b);
  return [0.5, 0.99].map((share) => `p${share * 100} ${values[Math.floor(values.length * share)]} ms`).join(', ');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the process with the service holds in memory, in megabytes: first all that it needs, then all that it has from the system. */
function memory(): string {
  const { rss } = process.memoryUsage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return `${Math.round((heapUsed + external) / 1_048_576)} of ${Math.round(rss / 1_048_576)} MB`;
}

describe(`a slot in a rush that ${WATCHERS} watch (seed ${SEED})`, function () {
  this.timeout(600_000);
  const database = withDatabase();
  let crowd: Crowd;
  let service: Service;

  before(async () => {
    crowd = new Crowd();
    service = await startService(database(), { releaseProcess: false });
    for (const slotId of ['quiet', 'watched']) await demand(201, service.url, '/slots', { body: show(slotId, SIZE) });
  });
  after(async () => {
    crowd.end();
    await service.stop();
  });

  /** Compares what everybody has in the end with what is read, and lets them leave. */
  async function compared(): Promise<CrowdReport> {
    const { url, live } = service;
    const last = await demand<BookingBody>(201, url, '/slots/watched/bookings', {
      body: { customerId: 'c', units: ['yard'] },
      key: `${SEED}`,
    });
    const headers = { 'Holdfast-Position': last.headers.get('Holdfast-Position') ?? '' };
    const seats = await demand<{ version: number; units: readonly Json[] }>(200, url, '/slots/watched/seats', { headers });
    const slot = await demand<{ version: number; counts: Json }>(200, url, '/slots/watched');
    const { version } = last.body;
    expect([seats.body.version, slot.body.version]).to.deep.equal([version, version]);
    const report = await crowd.order({ kind: 'compare', version, units: seats.body.units, counts: slot.body.counts });
    await waitUntil('all have left', async () => {
      await new Promise(setImmediate);
      return live.statistics().watchers === 0;
    });
    return report;
  }

  it('is the same for all of them in the end and at every version between, though each was cut off', async () => {
    const { url, live } = service;
    const begin = memory();
    const unwatched = await new Rush(url, 'quiet', SEED).run(REQUESTS);
    const before = memory();
    const came = await crowd.order({ kind: 'come', url, path: '/api/v1/slots/watched/live', count: WATCHERS, seed: SEED });
    expect(came.faults).to.deep.equal([]);
    expect(live.statistics()).to.include({ watchers: WATCHERS, channels: 1 });
    const watched = memory();

    const rush = new Rush(url, 'watched', SEED);
    let allCut = false;
    const cutting = crowd.order({ kind: 'cut' }).finally(() => {
      allCut = true;
    });
    await rush.run(REQUESTS, () => allCut);
    await cutting;
    const afterCuts = memory();
    const rate = await rush.run(REQUESTS);
    const afterRush = memory();
    expect(live.statistics()).to.include({ watchers: WATCHERS, channels: 1, cutOff: 0 });

    const { faults, watchers, cuts, resets, events, reached } = await compared();
    expect(faults).to.deep.equal([]);
    expect({ watchers, cuts, resets }).to.deep.equal({ watchers: WATCHERS, cuts: WATCHERS - 1, resets: 0 });
    const lags = rush.answered
      .map(([version, at]) => (reached.find(([told]) => told >= version)?.[1] ?? Number.NaN) - at)
      .map((lag) => Math.max(0, lag));
    const sent = live.statistics().framesSent;
    console.log(
      `        requests/s: unwatched ${Math.round(unwatched)}, watched by ${WATCHERS} ${Math.round(rate)}; told ${quantiles(lags)} later`,
    );
    console.log(
      `        ${rush.answered.length} changes, sent in ${sent} pieces with ${events} events; ${cuts} came back, ${resets} to the whole state`,
    );
    console.log(
      `        memory: at first ${begin}, after a rush unwatched ${before}, watched ${watched}, after the cuts ${afterCuts}, after the same rush again ${afterRush}`,
    );
  });
});
