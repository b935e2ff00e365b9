import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { Random } from '../domain/oracle/random.ts';
import { Cluster, type Instance } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { prove } from './proof.ts';

/** How often services and PostgreSQL are killed; `npm run verify:long` asks for 200 and 50. */
const SERVICE_KILLS = Number(process.env.HOLDFAST_SERVICE_KILLS ?? 2);
const POSTGRES_KILLS = Number(process.env.HOLDFAST_POSTGRES_KILLS ?? 1);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** A kill comes after so many more tries: anywhere in the work of the service. */
const TRIES_BEFORE_KILL = [20, 200] as const;
/** Kills after which everything is judged; what goes wrong is then known to be among the last ones. */
const KILLS_PER_PROOF = 25;

describe(`three services on one PostgreSQL, killed ${SERVICE_KILLS} times, and PostgreSQL ${POSTGRES_KILLS} times (seed ${SEED})`, function () {
  this.timeout(120_000 + (SERVICE_KILLS + POSTGRES_KILLS) * 30_000);
  const random = new Random(SEED);
  let cluster: Cluster;
  let crowd: Crowd;

  before(async () => {
    cluster = await Cluster.start([0, 0, 0]);
    crowd = new Crowd(SEED + 1, cluster.urls);
    await crowd.newEvening();
  });
  after(() => cluster?.end());

  const afterSomeTries = () => crowd.recorder.afterTries(random.between(...TRIES_BEFORE_KILL));

  /** Strikes under load until so many have been killed, and has everything judged every now and then. */
  async function killAll(kills: number, strike: (most: number) => Promise<number>): Promise<void> {
    const healed: number[] = [];
    for (let done = 0; done < kills; ) {
      await crowd.during(async () => {
        for (const until = Math.min(kills, done + KILLS_PER_PROOF); done < until; ) {
          await afterSomeTries();
          done += await strike(until - done);
          const begun = performance.now();
          await cluster.ready();
          await crowd.newEvening();
          healed.push(Math.round(performance.now() - begun));
        }
        await afterSomeTries();
      });
      console.log(`      ${done} killed; all served again after ${Math.max(...healed)} ms at the most`);
      await prove(cluster, crowd.recorder);
    }
  }

  /** One, two, or all of them at once. */
  async function killServices(most: number): Promise<number> {
    const struck = random.some(cluster.instances, Math.min(most, random.between(1, cluster.instances.length)));
    await Promise.all(struck.map(killAndRestart));
    return struck.length;
  }

  async function killAndRestart(instance: Instance): Promise<void> {
    await instance.service.end('SIGKILL');
    await cluster.restart(instance);
  }

  async function killPostgres(): Promise<number> {
    await cluster.postgres.kill();
    // Some are asked while it is gone, and others when it is back.
    await crowd.recorder.afterTries(random.between(1, 30));
    await cluster.postgres.restart();
    return 1;
  }

  it('have nothing lost, doubled or refused without a reason after services were killed', async () => {
    await killAll(SERVICE_KILLS, killServices);
    expect(unanswered(), 'requests were in hand').to.be.greaterThan(0);
  });

  it('have nothing lost, doubled or refused without a reason after PostgreSQL was killed', async () => {
    const before = crowd.recorder.records.length;
    await killAll(POSTGRES_KILLS, killPostgres);
    const told = crowd.recorder.records.slice(before).filter(({ answer }) => answer?.status === 503);
    expect(told.length, 'some were told to come again').to.be.greaterThan(0);
  });

  const unanswered = () => crowd.recorder.records.filter(({ answer }) => answer === null).length;
});
