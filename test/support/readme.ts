import { spawn } from 'node:child_process';

/** A line of a shell block, as a reader would paste it. */
export interface ReadmeLine {
  /** Place in the document, counted from 1. */
  readonly line: number;
  readonly command: string;
}

export interface RanLine extends ReadmeLine {
  readonly code: number;
  readonly output: string;
}

/** The lines of all fenced `sh` blocks, in their order. */
export function shellLines(markdown: string): readonly ReadmeLine[] {
  const found: ReadmeLine[] = [];
  let inside = false;
  for (const [index, command] of markdown.split('\n').entries()) {
    if (command.startsWith('```')) inside = command === '```sh';
    else if (inside && command.trim() !== '') found.push({ line: index + 1, command });
  }
  return found;
}

/**
 * Runs the lines one after another in one bash, so that a later line sees what an earlier one set.
 * An answer with an HTTP error counts as a failure of its line. Stops at nothing: every line is run.
 */
export async function runLines(lines: readonly ReadmeLine[], folder: string): Promise<readonly RanLine[]> {
  const marker = '@@done';
  const script = [
    'set -o pipefail',
    'curl() { command curl --fail-with-body --max-time 20 "$@"; }',
    ...lines.map(({ command }) => `{ ${command}\n} 2>&1; printf '\\n%s %s\\n' '${marker}' "$?"`),
  ].join('\n');
  // Assignments of a pipeline in braces stay in this shell, because nothing is piped out of the braces.
  const bash = spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await new Promise((resolve) => bash.once('close', resolve));
  const parts = text.split(new RegExp(`\\n${marker} (\\d+)\\n`));
  return lines.map((line, index) => ({ ...line, output: parts[2 * index] ?? '', code: Number(parts[2 * index + 1] ?? Number.NaN) }));
}
