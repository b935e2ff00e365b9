import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A world takes some 20 ms; one that says nothing for so many milliseconds runs in a circle. */
const MAX_SILENCE_MS = 60_000;

export interface Simulated {
  /** Worlds that came to their end. */
  readonly done: number;
  readonly failures: readonly { readonly seed: number; readonly faults: readonly string[] }[];
  readonly tally: Readonly<Record<string, number>>;
  /** One for each world; see Outcome. */
  readonly traces: readonly string[];
}

type Line =
  | { readonly begun: number }
  | { readonly failed: number; readonly faults: readonly string[] }
  | { readonly done: number; readonly tally: Readonly<Record<string, number>>; readonly traces: readonly string[] };

/**
 * Runs worlds in a process of their own: they replace its clock and its timers, and a bug may send
 * them round in a circle that no timer could end.
 *
 * @param root where the sources are that shall be simulated.
 */
export async function simulateInOwnProcess(first: number, count: number, { mostFailures = 3, root = ROOT } = {}): Promise<Simulated> {
  const args = ['--import', 'tsx', join(root, 'test/simulation/run.ts'), String(first), String(count), String(mostFailures)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const failures: { seed: number; faults: readonly string[] }[] = [];
  let begun: number | null = null;
  let end: Extract<Line, { done: number }> | null = null;
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-4_000);
  });
  const silence = setTimeout(() => child.kill('SIGKILL'), MAX_SILENCE_MS);
  for await (const text of createInterface(child.stdout)) {
    silence.refresh();
    const line = JSON.parse(text) as Line;
    if ('begun' in line) begun = line.begun;
    else if ('failed' in line && 'faults' in line) failures.push({ seed: line.failed, faults: line.faults });
    else end = line;
  }
  clearTimeout(silence);
  if (end !== null) return { done: end.done, failures, tally: end.tally, traces: end.traces };
  if (begun === null) throw new Error(`no world was begun: ${complaint}`);
  const faults = [child.killed ? 'it never ends' : `the process ended: ${complaint}`];
  return { done: begun - first, failures: [...failures, { seed: begun, faults }], tally: {}, traces: [] };
}
