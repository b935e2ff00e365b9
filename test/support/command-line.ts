import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/**
 * Starts a `holdfast` command, as a user would.
 *
 * @param environment beside this process's own; DATABASE_URL is not inherited.
 * @param options `stdout` is a descriptor for it in place of a pipe; `killAfterMs` kills it after so many milliseconds, wherever it is then.
 */
export function startHoldfast(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  { stdout = 'pipe', killAfterMs }: { readonly stdout?: 'pipe' | number; readonly killAfterMs?: number | undefined } = {},
): Started {
  const child = spawn(process.execPath, [HOLDFAST, ...words], {
    env: { ...process.env, DATABASE_URL: '', HOLDFAST_PORT: '0', HOLDFAST_LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', stdout, 'pipe'],
    ...(killAfterMs === undefined ? {} : { timeout: killAfterMs, killSignal: 'SIGKILL' }),
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  // 'exit' and not 'close': what it leaves running, such as its PostgreSQL, may keep the pipes open.
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, ...said }));
  return { process: child, ended };
}

/** Runs a `holdfast` command to its end. */
export function runHoldfast(words: readonly string[], environment: Readonly<Record<string, string>>, killAfterMs?: number): Promise<Ended> {
  return startHoldfast(words, environment, { killAfterMs }).ended;
}
