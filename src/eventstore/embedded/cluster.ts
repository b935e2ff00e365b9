import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, link, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertEnterable, type Binaries, findBinaries, runProgram } from './binaries.ts';
import { reasonIn } from './reason.ts';

/** The files of an embedded PostgreSQL, all below the service's data folder. */
export interface Cluster {
  readonly binaries: Binaries;
  readonly pgdata: string;
  readonly logFile: string;
  /** Password of the database user `holdfast`. */
  readonly password: string;
}

/** Holds the id of the process that makes it, so that others can tell whether it still does. */
const UNFINISHED = /^unfinished-(\d+)-/;

/**
 * Makes the data folder and the database cluster in it, unless they are there already. A cluster is
 * made beside its place and moved there when it is complete, so a half-made one is never used: what a
 * killed process left behind is removed and made again.
 *
 * @throws Error that names the folder when it cannot be made, entered or written to.
 */
export async function ensureCluster(dataDirectory: string): Promise<Cluster> {
  try {
    return await ensureAll(dataDirectory);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Error(`The data folder ${dataDirectory} cannot be used: ${error.message}`, { cause: error });
  }
}

async function ensureAll(named: string): Promise<Cluster> {
  const binaries = findBinaries(join(named, 'postgres'));
  if (await makeFolder(named)) await chmod(named, 0o755);
  if (!(await stat(named)).isDirectory()) throw new Error(`The data folder ${named} cannot be used: it is not a folder.`);
  // A link may be led elsewhere while the server runs; whoever started it must stop that one.
  const dataDirectory = await realpath(named);
  assertEnterable(binaries, binaries.directory);
  assertEnterable(binaries, dataDirectory);
  await removeUnfinished(dataDirectory);
  const cluster = {
    binaries,
    pgdata: join(dataDirectory, 'postgres'),
    logFile: join(dataDirectory, 'postgres.log'),
    password: await ensurePassword(dataDirectory),
  };
  await ensureLogFile(binaries, cluster.logFile);
  if (!existsSync(join(cluster.pgdata, 'PG_VERSION'))) await makeCluster(dataDirectory, cluster);
  return cluster;
}

/**
 * Makes the folder and those above it where they are missing. Not by mkdir's own `recursive`, which
 * never ends in a place where nothing can be made though it is there, such as /proc.
 *
 * @returns false when something of that name was there.
 */
async function makeFolder(folder: string): Promise<boolean> {
  if (existsSync(folder)) return false;
  await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    // Another service that starts at the same time may have been faster.
    if (existsSync(folder)) return false;
    throw error;
  }
}

async function makeCluster(dataDirectory: string, cluster: Cluster): Promise<void> {
  const { binaries } = cluster;
  const unfinished = unfinishedPath(dataDirectory, 'postgres');
  const passwordFile = unfinishedPath(dataDirectory, 'initdb-password');
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  try {
    await giveTo(binaries, unfinished);
    await giveTo(binaries, passwordFile);
    const { code, output } = await runProgram(binaries, 'initdb', [
      `--pgdata=${unfinished}`,
      '--username=holdfast',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--data-checksums',
    ]);
    if (code !== 0) throw new Error(`initdb could not make a database in ${dataDirectory}: ${reasonIn(output)}`);
    await moveIntoPlace(unfinished, cluster.pgdata);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Another service may have been faster; then its cluster is the one to use. */
async function moveIntoPlace(unfinished: string, pgdata: string): Promise<void> {
  try {
    await rename(unfinished, pgdata);
  } catch (error) {
    if (!existsSync(join(pgdata, 'PG_VERSION'))) throw error;
  }
}

async function removeUnfinished(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory)) {
    const maker = UNFINISHED.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker))) await rm(join(dataDirectory, name), { recursive: true, force: true });
  }
}

/** Of several processes that start at once, one gets to link its file; the others read what it chose. */
async function ensurePassword(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'postgres.password');
  const unfinished = unfinishedPath(dataDirectory, 'password');
  if (!existsSync(file)) {
    await writeFile(unfinished, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await link(unfinished, file).catch((error: unknown) => {
      if (!existsSync(file)) throw error;
    });
    await rm(unfinished);
  }
  return (await readFile(file, 'utf8')).trim();
}

function unfinishedPath(dataDirectory: string, what: string): string {
  return join(dataDirectory, `unfinished-${process.pid}-${what}-${randomBytes(4).toString('hex')}`);
}

async function ensureLogFile(binaries: Binaries, file: string): Promise<void> {
  await writeFile(file, '', { mode: 0o600, flag: 'a' });
  await giveTo(binaries, file);
}

async function giveTo(binaries: Binaries, path: string): Promise<void> {
  if (binaries.user !== null) await chown(path, binaries.user.uid, binaries.user.gid);
}

/** Whether a process of this id runs; one that belongs to somebody else does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
