import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LogLines } from '../src/log-lines.ts';
import { makeDataDirectory } from './support/postgres.ts';
import { waitFor } from './support/wait-until.ts';

const run = promisify(execFile);

/** More than a pipe takes. */
const LONG = `${'a'.repeat(300_000)}\n`;

describe('the lines of the log', () => {
  let folder: string;
  let pipe: number;

  beforeEach(async () => {
    folder = await makeDataDirectory();
    await run('mkfifo', [join(folder, 'pipe')]);
    pipe = openSync(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);
  });
  afterEach(async () => {
    closeSync(pipe);
    await rm(folder, { recursive: true, force: true });
  });

  /** What is in the pipe now. */
  function read(): string {
    const buffer = Buffer.alloc(1_000_000);
    try {
      return buffer.toString('utf8', 0, readSync(pipe, buffer));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }

  it('are whole and in order once there is room again, though one was taken in part', async () => {
    const lines = new LogLines(pipe);
    lines.write(LONG);
    lines.write('b\n');
    let received = '';
    await waitFor('all of it was written', () => {
      received += read();
      return received.endsWith('b\n');
    });
    expect(received).to.equal(`${LONG}b\n`);
  });

  it('are out before the process goes on, whatever it does then', async () => {
    const program = `
      import { LogLines } from ${JSON.stringify(new URL('../src/log-lines.ts', import.meta.url))};
      const lines = new LogLines();
      for (const line of ['a', 'b', 'c']) lines.write(line + '\\n');
      process.kill(process.pid, 'SIGKILL');
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await text(child.stdout)).to.equal('a\nb\nc\n');
  });

  it('are waited for before the end, for as long as that is bounded', async () => {
    const lines = new LogLines(pipe);
    lines.write(LONG);
    await lines.flush(0);
    let received = read();
    expect(received.length).to.be.below(LONG.length);
    const flushed = lines.flush(60_000);
    await waitFor('all of it was written', () => {
      received += read();
      return received === LONG;
    });
    await flushed;
  });

  it('are lost while too many wait, and no longer than that', async () => {
    const lines = new LogLines(pipe);
    for (let number = 0; number < 10; number += 1) lines.write(LONG);
    let received = '';
    await waitFor('what was kept was written', () => {
      received += read();
      return received.length === 4 * LONG.length;
    });
    lines.write('later\n');
    await waitFor('the later line was written', () => {
      received += read();
      return received.endsWith('later\n');
    });
    expect(received).to.equal(`${LONG.repeat(4)}later\n`);
  });
});
