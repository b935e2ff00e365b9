import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { endLeftPostgres, hasPostgres } from '../support/left-postgres.ts';
import { makeDataDirectory } from '../support/postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('a service that npm started', function () {
  this.timeout(90_000);
  let dataFolder: string;
  let npm: ChildProcess | null = null;

  before(async () => {
    dataFolder = await makeDataDirectory();
  });
  afterEach('leave nobody of its process group behind, and no PostgreSQL', async () => {
    try {
      if (npm?.pid !== undefined) process.kill(-npm.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await endLeftPostgres(dataFolder);
  });
  after(() => rm(dataFolder, { recursive: true, force: true }));

  /** @param shell that npm runs scripts with; users have one or the other. @returns npm's process id, which is that of its group. */
  async function start(shell: string): Promise<number> {
    const started = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { ...process.env, DATABASE_URL: '', HOLDFAST_PORT: '0', HOLDFAST_DATA_DIR: dataFolder, npm_config_script_shell: shell },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    npm = started;
    for await (const line of createInterface({ input: started.stdout as Readable })) if (line.startsWith('There is no')) break;
    started.stdout.resume();
    return started.pid as number;
  }

  for (const shell of ['sh', 'bash']) {
    it(`stops in good order on Ctrl-C, which npm passes on to it a second time: ${shell}`, async () => {
      const group = await start(shell);
      const ended = once(npm as ChildProcess, 'exit');
      process.kill(-group, 'SIGINT');

      expect(await ended).to.deep.equal([0, null]);
      expect(hasPostgres(dataFolder)).to.equal(false);
    });

    it(`stops before npm does when npm is told to: ${shell}`, async () => {
      const pid = await start(shell);
      const ended = once(npm as ChildProcess, 'exit');
      process.kill(pid, 'SIGTERM');

      expect(await ended).to.deep.equal([0, null]);
      expect(hasPostgres(dataFolder)).to.equal(false);
    });
  }
});
