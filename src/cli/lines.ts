import type { Writable } from 'node:stream';
import { printable } from './printable.ts';

/** Where long output goes, line by line. */
export interface Lines {
  /** Writes the lines and waits until they are taken in. @returns false once nobody reads any more. */
  write(lines: readonly string[]): Promise<boolean>;
}

/** Lines on stdout. A reader that goes away, as `head` does, ends the output and is no failure. */
export function linesOn(stream: Writable = process.stdout): Lines {
  let open = true;
  return {
    async write(lines) {
      if (!open || lines.length === 0) return open;
      open = await new Promise<boolean>((resolve, reject) => {
        stream.write(`${lines.map(printable).join('\n')}\n`, (error) => {
          if (error === null || error === undefined) resolve(true);
          else if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) resolve(false);
          else reject(error);
        });
      });
      return open;
    },
  };
}
