import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server in a process of its own. */
export interface Service {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starting takes a second or two; on a machine that is busy with other work, more. */
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 20_000;

/**
 * Starts a program of Node that tells on standard output where it "serves at".
 *
 * @param words options of Node, the script, and its arguments.
 * @throws Error when it ends, or says nothing in time.
 */
export function startService(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Service> {
  return startProgram(process.execPath, words, environment);
}

/** The same of a program that brings its own options along. */
export async function startProgram(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Service> {
  const child = spawn(program, words, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await addressOf(child);
    return { url, port: Number(new URL(url).port), pid: child.pid ?? 0, stop: () => stop(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${words.join(' ')}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const bound = setTimeout(() => reject(new Error(`did not serve within ${STARTS_WITHIN_MS} ms`)), STARTS_WITHIN_MS);
    let told = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
      const [, url] = /serves at (http:\S+)/.exec(told) ?? [];
      if (url === undefined) return;
      clearTimeout(bound);
      child.stdout?.removeAllListeners('data').resume();
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(bound);
      reject(new Error(`ended with ${code} before it served`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const bound = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(bound);
}
