import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeDataDirectory } from './support/postgres.ts';
import { type RanLine, type ReadmeLine, runLines, shellLines } from './support/readme.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const DOCUMENTED_ADDRESS = 'http://127.0.0.1:8080';
const START_BOUND_MS = 60_000;

describe('the README', () => {
  const lines = shellLines(readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
  const start = lines.find(({ command }) => command.endsWith('npm start')) as ReadmeLine;
  const walk = lines.filter(({ command }) => !command.startsWith('npm ci'));
  let dataFolder: string;
  let service: ChildProcess;
  let address: string;
  let ran: readonly RanLine[];
  const killAll = (): void => signalAll(service, 'SIGKILL');

  before('start as the README says, without the install, and walk', async function () {
    this.timeout(START_BOUND_MS + 60_000);
    dataFolder = await makeDataDirectory();
    const environment = { ...process.env, HOLDFAST_PORT: '0', HOLDFAST_DATA_DIR: dataFolder };
    delete (environment as NodeJS.ProcessEnv).DATABASE_URL;
    const command = `exec ${start.command.replace('npm ci && ', '')}`;
    // In a process group of its own, as in a terminal, so that the end of the test can be a Ctrl-C.
    service = spawn('bash', ['-c', command], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    process.once('exit', killAll);
    address = await addressOf(service);
    const commands = walk.map((line) => ({ ...line, command: line.command.replaceAll(DOCUMENTED_ADDRESS, address) }));
    ran = await runLines(commands, dataFolder);
  });

  after('clear away', async () => {
    killAll();
    process.off('exit', killAll);
    await rm(dataFolder, { recursive: true, force: true });
  });

  const outputOf = (part: string): string => ran.find(({ command }) => command.includes(part))?.output ?? '';
  const answerOf = (part: string) => JSON.parse(outputOf(part)) as Record<string, never>;

  it('has commands that all work, line by line', () => {
    expect(walk.length).to.be.greaterThan(12);
    for (const { line, command, code, output } of ran) expect(code, `line ${line}: ${command}\n${output}`).to.equal(0);
  });

  it('finds the sample, holds two adjacent seats, confirms and gives one back', () => {
    expect(answerOf('/slots?city=').items).to.satisfy((items: { slotId: string }[]) => items.some(({ slotId }) => slotId === 'hamlet'));
    expect(answerOf('"quantity":2')).to.include({ status: 'HELD', adjacent: true });
    const cancelled = answerOf('/cancel');
    expect(cancelled.status).to.equal('CONFIRMED');
    expect(cancelled.claims).to.have.lengthOf(1);
    expect(cancelled.released).to.have.lengthOf(1);
  });

  it('sells a seat of the bus twice on touching stretches, and a car by the hour', () => {
    expect(answerOf('order-83').status).to.equal('HELD');
    expect(answerOf('order-84').status).to.equal('HELD');
    // Four hours of 12.00 each.
    expect(answerOf('order-85').total).to.deep.equal({ amount: 4_800, currency: 'GBP' });
  });

  it('shows a seat map that lives', () => {
    expect(outputOf('/slots/hamlet/live')).to.match(/^event: reset\nid: [\w-]+\ndata: \{"slotId":"hamlet",/m);
  });

  it('shows auditors what made the seat what it is', () => {
    expect(outputOf('/units/$SEAT')).to.include('SeatsReleased');
    expect(outputOf('/audit/streams/')).to.include('SlotOpened');
  });

  it('starts a service that Ctrl-C ends in good order', async () => {
    const ended = new Promise((resolve) => service.once('close', resolve));
    signalAll(service, 'SIGINT');
    await ended;
    const answer = await fetch(`${address}/livez`).catch((error: Error) => error);
    expect(answer).to.be.instanceOf(Error);
  });
});

/** Reaches npm, the service and its database alike. */
function signalAll(service: ChildProcess | undefined, signal: NodeJS.Signals): void {
  try {
    if (service?.pid !== undefined) process.kill(-service.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The address that the service tells when it is ready. */
function addressOf(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = '';
    const listen = (chunk: Buffer): void => {
      told += chunk.toString();
      const [, address] = /serves at (http:\/\/[\d.:]+)/.exec(told) ?? [];
      if (address !== undefined) resolve(address);
    };
    service.stdout?.on('data', listen);
    service.stderr?.on('data', listen);
    service.once('exit', (code) => reject(new Error(`The service ended with ${code} before it was ready:\n${told}`)));
    AbortSignal.timeout(START_BOUND_MS).addEventListener('abort', () => reject(new Error(`The service was not ready in time:\n${told}`)));
  });
}
