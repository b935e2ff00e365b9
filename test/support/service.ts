import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Service, startHoldfast } from '../../src/main.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));

/** How long a service may take to say that it serves, in milliseconds: initdb on a busy machine is the longest part. */
const STARTS_WITHIN_MS = 60_000;

/** The service in this process, on any free port. */
export function startService(
  connectionString: string,
  options: { readonly releaseProcess?: boolean; readonly redisUrl?: string; readonly memoryBytes?: number } = {},
): Promise<Service> {
  return startHoldfast({
    databaseUrl: connectionString,
    dataFolder: '',
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [],
    logLevel: 'silent',
    releaseProcess: true,
    ...options,
  });
}

/** A service in a process of its own. */
export interface SpawnedService {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it with SIGTERM, or the signal given, and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Runs `holdfast serve` as a user would.
 * @param where a PostgreSQL's connection string, or the folder of an embedded one.
 */
export async function spawnService(
  where: { readonly databaseUrl: string } | { readonly dataFolder: string },
  options: { readonly nodeOptions?: readonly string[]; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<SpawnedService> {
  const location = 'databaseUrl' in where ? { DATABASE_URL: where.databaseUrl } : { DATABASE_URL: '', HOLDFAST_DATA_DIR: where.dataFolder };
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), HOLDFAST, 'serve'], {
    cwd: ROOT,
    env: { ...process.env, HOLDFAST_PORT: '0', HOLDFAST_LOG_LEVEL: 'warn', ...location, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await servingUrl(child);
  return {
    url,
    process: child,
    async end(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

/** Waits for the line in which the service says where it serves; rejects with what it said when it ends before. */
function servingUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the service did not serve within ${STARTS_WITHIN_MS} ms: ${said}`));
    }, STARTS_WITHIN_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      said += `${line}\n`;
      const url = /^Holdfast serves at (\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      reject(new Error(`the service ended (${code ?? signal}) before it served: ${said}`));
    });
  });
}
