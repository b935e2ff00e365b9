import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnProgram } from './binaries.ts';
import { type Cluster, isAlive } from './cluster.ts';
import { reasonIn } from './reason.ts';

/** Seconds that an orderly stop may take (it ends sessions and writes a checkpoint) before the server is stopped hard. */
const FAST_STOP_SECONDS = 10;
const IMMEDIATE_STOP_SECONDS = 5;
const START_SECONDS = 60;
/** Somebody else can take the free port between finding and using it. */
const START_TRIES = 3;
const PAUSE_MS = 20;
/** A server that fails to start says why within its last few lines. */
const LOG_TAIL_BYTES = 16_384;

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
  /** Whether it has said that it takes connections. */
  readonly ready: boolean;
}

/** @returns null when no server runs here; a file that a killed server left behind counts as none. */
export async function findServer(cluster: Cluster): Promise<ServerFile | null> {
  const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!(pid > 0 && port > 0 && isAlive(pid)) || (await relation(cluster, pid)) !== 'server') return null;
  return { pid, port, ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a pid file whose process id belongs to an unrelated program by now, as happens when a
 * container is started again: PostgreSQL would take that program for itself and refuse to start.
 */
async function removeMistakenPidFile(cluster: Cluster): Promise<void> {
  const pid = Number((await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n')[0]);
  if (pid > 0 && isAlive(pid) && (await relation(cluster, pid)) === 'unrelated') await rm(pidFile(cluster), { force: true });
}

/**
 * What a live process is to the cluster: its server, surely something else, or a PostgreSQL of which this user cannot
 * tell. A server works in the folder of its data; where that is hidden, as that of another user's process is, its
 * command line names the folder. Where the system has no /proc a live process is believed to be the server.
 */
async function relation({ pgdata }: Cluster, pid: number): Promise<'server' | 'unrelated' | 'unknown'> {
  if (!existsSync('/proc/self/cmdline')) return 'server';
  const [program = '', ...parameters] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (basename(program) !== 'postgres') return 'unrelated';
  const worksHere = await isSameFolder(`/proc/${pid}/cwd`, pgdata);
  if (worksHere !== null) return worksHere ? 'server' : 'unrelated';
  const named = parameters[parameters.indexOf('-D') + 1] ?? '';
  return (await isSameFolder(named, pgdata)) ? 'server' : 'unknown';
}

/** By what they are, and not by path: links and mounts give one folder several. @returns null when one cannot be seen. */
export async function isSameFolder(one: string, other: string): Promise<boolean | null> {
  const [first, second] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => null)));
  if (first == null || second == null) return null;
  return first.dev === second.dev && first.ino === second.ino;
}

function pidFile(cluster: Cluster): string {
  return join(cluster.pgdata, 'postmaster.pid');
}

/**
 * Starts the server on a free port of 127.0.0.1 and waits until it takes connections.
 *
 * @throws Error with the reason that the server's log gives when it does not come up, all in one line.
 */
export async function startServer(cluster: Cluster): Promise<void> {
  let reason = '';
  await removeMistakenPidFile(cluster);
  for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
    const said = await launch(cluster, await freePort());
    // Another service may have started it meanwhile: whose server it is gets settled by the ownership lock.
    if (said === null || (await findServer(cluster)) !== null) return;
    reason = reasonIn(said);
  }
  throw new Error(`The embedded PostgreSQL did not start: ${reason} (its log is ${cluster.logFile})`);
}

/**
 * Not by pg_ctl, which hands the paths to a shell.
 *
 * @returns null when the server takes connections, or still may some time; else what it wrote to its log before it ended.
 */
async function launch(cluster: Cluster, port: number): Promise<string | null> {
  const settings = [...SETTINGS, `port=${port}`].flatMap((setting) => ['-c', setting]);
  const log = await open(cluster.logFile, 'a+');
  try {
    const { size } = await log.stat();
    const server = spawnProgram(cluster.binaries, 'postgres', ['-D', cluster.pgdata, ...settings], ['ignore', log.fd, log.fd]);
    // It is to outlive this process when that is killed.
    server.unref();
    await once(server, 'spawn');
    const deadline = Date.now() + START_SECONDS * 1_000;
    while (server.exitCode === null && server.signalCode === null) {
      const found = await findServer(cluster);
      if ((found?.pid === server.pid && found?.ready) || Date.now() > deadline) return null;
      await pause(PAUSE_MS);
    }
    const from = Math.max(size, (await log.stat()).size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
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
