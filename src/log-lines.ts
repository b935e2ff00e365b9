import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const STDOUT = 1;
/** Bytes of lines that are kept while they cannot be written; lines beyond them are lost. */
const MAX_KEPT = 1_000_000;
/** Milliseconds between two tries to write what is kept. */
const RETRY_MS = 100;

/**
 * Where the log goes. A line is out before the next statement runs, so that a crash loses none. Lines that cannot be
 * written, as on a full disk or to a reader that is slow or gone, are tried again until they are; they never end the
 * process, nor keep it from ending.
 */
export class LogLines {
  private readonly descriptor: number;
  private kept = Buffer.alloc(0);
  private retry: NodeJS.Timeout | null = null;

  constructor(descriptor = STDOUT) {
    this.descriptor = descriptor;
  }

  write(line: string): void {
    if (this.kept.length < MAX_KEPT) this.kept = Buffer.concat([this.kept, Buffer.from(line)]);
    if (this.retry === null) this.writeKept();
  }

  /** Resolves when all lines are out, or so many milliseconds later. */
  async flush(boundMs: number): Promise<void> {
    const deadline = performance.now() + boundMs;
    this.writeKept();
    while (this.kept.length > 0 && performance.now() < deadline) {
      await pause(RETRY_MS);
      this.writeKept();
    }
  }

  private writeKept(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    try {
      while (this.kept.length > 0) this.kept = this.kept.subarray(writeSync(this.descriptor, this.kept));
    } catch {
      this.retry = setTimeout(() => this.writeKept(), RETRY_MS).unref();
    }
  }
}
