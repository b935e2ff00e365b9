import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { Cluster, HEALS_WITHIN_MS } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { prove } from './proof.ts';

/** How often the disk is filled; `npm run verify:long` asks for more. */
const FILLINGS = Number(process.env.HOLDFAST_TROUBLES ?? 1);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
/** The empty database, its first log files, and some room. */
const DISK_MEGABYTES = 160;
const REFUSED = 10;
const READ = 10;

describe(`two services on a PostgreSQL whose disk is full ${FILLINGS} times (seed ${SEED})`, function () {
  this.timeout(120_000 + FILLINGS * 90_000);
  let disk: SmallDisk | null = null;
  let cluster: Cluster;
  let crowd: Crowd;

  before(async function () {
    disk = await mountSmallDisk(DISK_MEGABYTES);
    // Mounting takes root.
    if (disk === null) return this.skip();
    cluster = await Cluster.start([0, 0], { folder: join(disk.folder, 'data') });
    crowd = new Crowd(SEED + 1, cluster.urls);
    await crowd.newEvening();
  });
  after(async () => {
    await cluster?.end();
    await disk?.remove();
  });

  const refused = () => crowd.recorder.records.filter(({ request, answer }) => request.method !== 'GET' && answer?.status === 503).length;
  const read = () => crowd.recorder.records.filter(({ request, answer }) => request.method === 'GET' && answer?.status === 200).length;

  const until = async (what: string, isSo: () => boolean) => {
    const deadline = performance.now() + HEALS_WITHIN_MS;
    while (!isSo()) {
      expect(performance.now(), what).to.be.lessThan(deadline);
      await crowd.recorder.afterTries(1);
    }
  };

  it('refuse writes with 503, go on answering reads, and are well again when there is room', async () => {
    const { fill, free } = disk as SmallDisk;
    await crowd.during(async () => {
      for (let filling = 0; filling < FILLINGS; filling += 1) {
        await crowd.recorder.afterTries(50);
        const before = { refused: refused(), read: read() };
        await fill();
        await until('writes are refused', () => refused() >= before.refused + REFUSED);
        const still = read();
        await until('reads go on', () => read() >= still + READ);
        await free();
        const begun = performance.now();
        const restarted = await cluster.restartPostgresIfGone();
        await cluster.ready();
        await crowd.newEvening();
        console.log(
          `      PostgreSQL ${restarted ? 'had to be started again' : 'lived on'}; all served again ${Math.round(performance.now() - begun)} ms after there was room`,
        );
      }
      await crowd.recorder.afterTries(50);
    });
    await prove(cluster, crowd.recorder);
  });
});
