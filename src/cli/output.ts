import { table } from 'table';
import { printable } from './printable.ts';

export interface Progress {
  /** Says how far the work is; printed when the terminal has taken the last line in, or when the interval has passed. */
  update(done: number, note?: string): void;
  /** Prints the last state and ends the line. */
  finish(): void;
}

interface ProgressOptions {
  /** Unknown for work that has no end, such as following a feed. */
  readonly total: number | null;
  readonly stream?: NodeJS.WriteStream;
  readonly now?: () => number;
}

/** A person sees a moving line; a log file gets few lines. */
const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5_000;

/**
 * Progress of long work on stderr, so that stdout stays clean for results: on a terminal one line
 * that is rewritten, elsewhere plain lines at intervals. Uses no timers: nothing keeps the process alive.
 */
export function startProgress(label: string, options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  const now = options.now ?? Date.now;
  const terminal = stream.isTTY === true;
  const interval = terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  const startedAt = now();
  let printedAt = terminal ? Number.NEGATIVE_INFINITY : startedAt;
  let last = { done: 0, note: '' };

  function print(): void {
    const line = progressLine(label, last, options.total, now() - startedAt);
    stream.write(terminal ? `\r\u001b[2K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}` : `${line}\n`);
    printedAt = now();
  }

  return {
    update(done, note = '') {
      last = { done, note };
      if (now() - printedAt >= interval) print();
    },
    finish() {
      print();
      if (terminal) stream.write('\n');
    },
  };
}

function progressLine(label: string, last: { done: number; note: string }, total: number | null, elapsedMs: number): string {
  const parts = [`${label}: ${last.done}`];
  if (total !== null && total > 0) {
    parts[0] += ` of ${total} (${Math.floor((100 * last.done) / total)} %)`;
    if (last.done > 0 && last.done < total) parts.push(`${duration((elapsedMs * (total - last.done)) / last.done)} left`);
  }
  parts.push(duration(elapsedMs));
  if (last.note !== '') parts.push(last.note);
  return parts.join(', ');
}

/** `850 ms`, `12.3 s`, `4 min 10 s` */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** Rows under a heading, aligned, without a frame. */
export function printTable(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const text = table([[...heading], ...rows.map((row) => row.map((cell) => printable(String(cell))))], {
    drawHorizontalLine: (index, count) => index === 1 && count > 1,
    border: { joinBody: '─', joinLeft: '', joinRight: '', joinJoin: '──', bodyLeft: '', bodyRight: '', bodyJoin: '  ' },
    columnDefault: { paddingLeft: 0, paddingRight: 0 },
  });
  process.stdout.write(text);
}

/** One line on stdout. */
export function printLine(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** One JSON document on stdout, for `--json`. */
export function printJson(value: unknown): void {
  for (const line of JSON.stringify(value, null, 2).split('\n')) printLine(line);
}
