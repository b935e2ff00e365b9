import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { demand, show } from '../support/api.ts';
import { startHoldfast } from '../support/command-line.ts';
import { endLeftPostgres, hasPostgres } from '../support/left-postgres.ts';
import { makeDataDirectory } from '../support/postgres.ts';
import { spawnService } from '../support/service.ts';

describe('a command whose output nobody takes', function () {
  this.timeout(90_000);
  let dataFolder: string;
  let fullDisk: number;

  before(async () => {
    dataFolder = await makeDataDirectory();
    fullDisk = openSync('/dev/full', 'w');
    const service = await spawnService({ dataFolder });
    await demand(201, service.url, '/slots', { body: show('hamlet', { yard: 1 }) });
    await service.end();
  });
  afterEach('leave no PostgreSQL behind', () => endLeftPostgres(dataFolder));
  after(async () => {
    closeSync(fullDisk);
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('tells its verdict although its progress cannot be told', async () => {
    const { process: child, ended } = startHoldfast(['verify'], { HOLDFAST_DATA_DIR: dataFolder });
    child.stderr?.destroy();

    const { code, stdout } = await ended;
    expect(code).to.equal(0);
    expect(stdout).to.match(/\nVerdict: clean\.\n/);
    expect(hasPostgres(dataFolder)).to.equal(false);
  });

  it('fails when the result cannot be written, and takes its PostgreSQL along', async () => {
    const { ended } = startHoldfast(['verify'], { HOLDFAST_DATA_DIR: dataFolder }, { stdout: fullDisk });

    const { code, stderr } = await ended;
    expect(code).to.equal(1);
    expect(stderr.trim().split('\n').at(-1)).to.match(/^streams, events: 1 of 1 /);
    expect(hasPostgres(dataFolder)).to.equal(false);
  });

  it('stops in good order where neither its address nor its log can be written: serve', async () => {
    const { ended } = startHoldfast(['serve'], { HOLDFAST_DATA_DIR: dataFolder, HOLDFAST_LOG_LEVEL: 'info' }, { stdout: fullDisk });

    expect(await ended).to.deep.equal({ code: 1, stdout: '', stderr: '' });
    expect(hasPostgres(dataFolder)).to.equal(false);
  });

  const ends = [
    ['when it has nothing to do any more', ''],
    ['when it is told to end at once', 'process.exit(0);'],
  ] as const;
  for (const [when, end] of ends) {
    it(`logs what it can, and ends ${when}`, async () => {
      const program = `
        import { pino } from 'pino';
        import { LogLines } from ${JSON.stringify(new URL('../../src/log-lines.ts', import.meta.url))};
        const log = pino({}, new LogLines());
        log.warn('nobody reads this');
        log.warn('nor this');
        ${end}
      `;
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
        stdio: ['ignore', fullDisk, 'pipe'],
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
      const [[code, signal], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr as Readable)]);
      expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
    });
  }
});
