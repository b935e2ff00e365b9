import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { InputError } from '../input-error.ts';

/** The texts of a feed's files by name, such as `stop_times.txt`. */
export type FeedFiles = ReadonlyMap<string, string>;

/** Everything that the importer reads; the rest of a feed is left unopened. */
const FILES: readonly string[] = [
  'agency.txt',
  'calendar.txt',
  'calendar_dates.txt',
  'fare_attributes.txt',
  'fare_products.txt',
  'frequencies.txt',
  'routes.txt',
  'stop_times.txt',
  'stops.txt',
  'trips.txt',
];

/** The files of a national feed come to about 1 GB; half of that must fit in one JavaScript string. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Reads a feed from a folder or a zip archive, where the files may stand in one folder of their own.
 * @param maxFileBytes bound on each file, unpacked; an archive that says or turns out to have more is refused before it is unpacked.
 * @throws InputError when there is no feed there or a file is larger than the bound.
 */
export function readFeedFiles(path: string, maxFileBytes = MAX_FILE_BYTES): FeedFiles {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new InputError(`${path}: there is no such folder or zip file`);
  const files = stats.isDirectory() ? readFolder(path, maxFileBytes) : readZip(path, maxFileBytes);
  if (files.size === 0) throw new InputError(`${path}: none of the files of a GTFS feed is in there`);
  return files;
}

function readFolder(folder: string, maxFileBytes: number): FeedFiles {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder)) {
    if (!FILES.includes(name)) continue;
    const file = join(folder, name);
    refuseLarge(name, statSync(file).size, maxFileBytes);
    files.set(name, readFileSync(file, 'utf8'));
  }
  return files;
}

function readZip(path: string, maxFileBytes: number): FeedFiles {
  refuseLarge(basename(path), statSync(path).size, maxFileBytes);
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(readFileSync(path), {
      filter: ({ name, originalSize }) => {
        if (!FILES.includes(basename(name))) return false;
        // Unpacking writes into a buffer of the announced size, so an entry that lies about it cannot grow past the bound.
        refuseLarge(name, originalSize, maxFileBytes);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: neither a folder nor a readable zip file (${error instanceof Error ? error.message : error})`);
  }
  const files = new Map<string, string>();
  for (const [name, bytes] of Object.entries(unpacked)) {
    if (files.has(basename(name))) throw new InputError(`${path}: ${basename(name)} is in there twice`);
    files.set(basename(name), new TextDecoder().decode(bytes));
  }
  return files;
}

function refuseLarge(name: string, bytes: number, maxFileBytes: number): void {
  if (bytes > maxFileBytes)
    throw new InputError(`${name}: ${bytes} bytes are more than the ${maxFileBytes} that a file of a feed may have`);
}
