import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Binaries, runProgram } from './binaries.ts';
import { type Cluster, isAlive } from './cluster.ts';

/** Seconds that an orderly stop may take (it ends sessions and writes a checkpoint) before the server is stopped hard. */
const FAST_STOP_SECONDS = 10;
const IMMEDIATE_STOP_SECONDS = 5;
const START_SECONDS = 60;
/** Somebody else can take the free port between finding and using it. */
const START_TRIES = 3;
const PAUSE_MS = 20;

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=100',
  'shared_buffers=128MB',
  'max_wal_size=2GB',
  'timezone=UTC',
  'fsync=on',
  'synchronous_commit=on',
];

/** What postmaster.pid says about the server that runs, or ran, on the cluster. */
export interface ServerFile {
  readonly pid: number;
  readonly port: number;
}

/** @returns null when no server runs here; a file that a killed server left behind counts as none. */
export async function findServer(cluster: Cluster): Promise<ServerFile | null> {
  const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return pid > 0 && port > 0 && isAlive(pid) && (await isServerOf(cluster, pid)) ? { pid, port } : null;
}

/**
 * Removes a pid file whose process id belongs to an unrelated program by now, as happens when a
 * container is started again: PostgreSQL would take that program for itself and refuse to start.
 */
async function removeMistakenPidFile(cluster: Cluster): Promise<void> {
  const pid = Number((await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n')[0]);
  if (pid > 0 && isAlive(pid) && !(await isServerOf(cluster, pid))) await rm(pidFile(cluster), { force: true });
}

/** By its command line. Where the system has no /proc a live process is believed to be the server. */
async function isServerOf(cluster: Cluster, pid: number): Promise<boolean> {
  if (!existsSync('/proc/self/cmdline')) return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(cluster.pgdata);
}

function pidFile(cluster: Cluster): string {
  return join(cluster.pgdata, 'postmaster.pid');
}

/**
 * Starts the server on a free port of 127.0.0.1 and waits until it takes connections.
 *
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function startServer(binaries: Binaries, cluster: Cluster): Promise<void> {
  let problem = '';
  await removeMistakenPidFile(cluster);
  for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
    const settings = [...SETTINGS, `port=${await freePort()}`].map((setting) => `-c ${setting}`).join(' ');
    const parameters = ['start', '-w', '-t', String(START_SECONDS), '-D', cluster.pgdata, '-l', cluster.logFile, '-o', settings];
    const { code, output } = await runProgram(binaries, 'pg_ctl', parameters);
    if (code === 0) return;
    // Another service started it meanwhile: whose server it is gets settled by the ownership lock.
    if ((await findServer(cluster)) !== null) return;
    problem = output;
  }
  const log = (await readFile(cluster.logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-10).join('\n');
  throw new Error(`The embedded PostgreSQL did not start: ${problem.trim()}\n${log}`);
}

/** Stops the server within FAST_STOP_SECONDS + IMMEDIATE_STOP_SECONDS; what was committed is kept either way. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const server = await findServer(cluster);
  if (server === null) return;
  if (await endsAfter('SIGINT', cluster, server.pid, FAST_STOP_SECONDS)) return;
  if (await endsAfter('SIGQUIT', cluster, server.pid, IMMEDIATE_STOP_SECONDS)) return;
  throw new Error(`The embedded PostgreSQL in ${cluster.pgdata} did not stop.`);
}

/** Not by pg_ctl: it would go on to wait for, and then stop, a server that somebody has started meanwhile. */
async function endsAfter(signal: 'SIGINT' | 'SIGQUIT', cluster: Cluster, pid: number, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1_000;
  if (isAlive(pid)) process.kill(pid, signal);
  do {
    if ((await findServer(cluster))?.pid !== pid) return true;
    await pause(PAUSE_MS);
  } while (Date.now() < deadline);
  return false;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}
