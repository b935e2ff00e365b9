import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../domain/oracle/random.ts';
import { demand } from '../support/api.ts';
import type { Trouble } from '../support/slow-line.ts';
import { Cluster, type Instance } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { prove } from './proof.ts';

/** How often each kind of trouble strikes, and for how many milliseconds; `npm run verify:long` asks for more. */
const TROUBLES = Number(process.env.HOLDFAST_TROUBLES ?? 1);
const LASTING_MS = Number(process.env.HOLDFAST_TROUBLE_MS ?? 1_500);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/**
 * One that stands still loses what it alone may do after 5 s at most, to the others; that is the longest
 * of leases and locks.
 */
const STANDS_STILL_MS = Math.max(LASTING_MS, 7_500);
const CLOCK_STEP_MS = 60_000;
const TRIES_BEFORE = [20, 150] as const;
/** Reads that name a position, of slots that no memory has: what answers them is the views. */
const READS_ELSEWHERE = 5;

const NETWORKS: readonly (readonly [what: string, trouble: Trouble])[] = [
  ['slow: every message takes 150 ms', { latencyMs: 150 }],
  ['narrow: 20 KB a second for each connection', { bytesPerSecond: 20_000 }],
  ['silent: connections half open', { silent: true }],
];

describe(`three services on one PostgreSQL in trouble, ${TROUBLES} of each kind (seed ${SEED})`, function () {
  this.timeout(180_000 + TROUBLES * (LASTING_MS + 60_000));
  const random = new Random(SEED);
  let cluster: Cluster;
  let crowd: Crowd;

  before(async () => {
    // Their clocks differ from the start.
    cluster = await Cluster.start([0, 5_000, -5_000], { clockStepMs: CLOCK_STEP_MS });
    crowd = new Crowd(SEED + 1, cluster.urls);
    await crowd.newEvening();
  });
  after(() => cluster?.end());

  /** Has something done to an instance under load, each time to another one, and everything judged in the end. */
  async function inTrouble(what: string, strike: (instance: Instance) => Promise<void>): Promise<void> {
    const healed: number[] = [];
    await crowd.during(async () => {
      for (let trouble = 0; trouble < TROUBLES; trouble += 1) {
        await crowd.recorder.afterTries(random.between(...TRIES_BEFORE));
        await strike(cluster.instances[trouble % cluster.instances.length]!);
        const begun = performance.now();
        await cluster.ready();
        await crowd.newEvening();
        healed.push(Math.round(performance.now() - begun));
      }
      await crowd.recorder.afterTries(random.between(...TRIES_BEFORE));
    });
    console.log(`      ${what}: all served again after ${Math.max(...healed)} ms at the most`);
    await prove(cluster, crowd.recorder);
  }

  it('serve on while one stands still for longer than it may keep anything', async () => {
    await inTrouble('stood still', async () => {
      const stopped = await cluster.keeper();
      stopped.service.process.kill('SIGSTOP');
      await pause(STANDS_STILL_MS);
      try {
        await viewsGoOn(cluster.instances.filter((instance) => instance !== stopped));
      } finally {
        stopped.service.process.kill('SIGCONT');
      }
    });
  });

  it('do not mind that a clock is set while they run', async () => {
    await inTrouble('clock set', async ({ service }) => {
      service.process.kill('SIGUSR2');
      await pause(LASTING_MS);
    });
  });

  it('are well again after their connections were reset', async () => {
    await inTrouble('reset', async ({ network }) => {
      expect(network.reset()).to.be.greaterThan(0);
    });
  });

  for (const [what, trouble] of NETWORKS) {
    it(`are well again after a network was ${what}`, async () => {
      await inTrouble(what, async ({ network }) => {
        network.become(trouble);
        await pause(LASTING_MS);
        network.become();
        if (trouble.silent) network.reset();
      });
    });
  }

  /** What was just opened through one is found through the other, by a question that memory has no answer to. */
  async function viewsGoOn([one, other]: readonly Instance[]): Promise<void> {
    for (let read = 0; read < READS_ELSEWHERE; read += 1) {
      const headers = { 'Holdfast-Position': crowd.recorder.lastPosition ?? '', Prefer: 'wait=5' };
      await demand(200, one!.service.url, '/slots?limit=1', { headers });
      await demand(200, other!.service.url, '/slots?limit=1', { headers });
    }
  }
});
