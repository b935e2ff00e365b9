import { write } from 'node:fs';

const STDOUT = 1;
/** Bytes of lines that are kept while they cannot be written; lines beyond them are lost. */
const MAX_KEPT = 1_000_000;

/**
 * Where the log goes. Lines that cannot be written, as on a full disk or to a reader that is gone, are tried again
 * with the next one; they never end the process, nor keep it from ending.
 */
export class LogLines {
  private readonly descriptor: number;
  private kept = Buffer.alloc(0);
  private writing = false;

  constructor(descriptor = STDOUT) {
    this.descriptor = descriptor;
  }

  write(line: string): void {
    if (this.kept.length < MAX_KEPT) this.kept = Buffer.concat([this.kept, Buffer.from(line)]);
    if (!this.writing) this.writeKept();
  }

  private writeKept(): void {
    if (this.kept.length === 0) return;
    this.writing = true;
    write(this.descriptor, this.kept, (error, written) => {
      this.writing = false;
      if (error !== null) return;
      this.kept = this.kept.subarray(written);
      this.writeKept();
    });
  }
}
