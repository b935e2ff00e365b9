import { getHeapStatistics } from 'node:v8';
import { boundHeapGrowth } from '../../src/cli/heap-growth.ts';

// A process of its own: it comes to have so much in use, and makes several times as much that is of no use any more soon,
// but not at once. Prints the most that its heap took, as a multiple of what is in use.

const [, , mode, megabytes = ''] = process.argv;
const IN_USE_BYTES = Number(megabytes) * 1024 * 1024;
const ENTRIES = 1_000;

if (mode === 'bound') boundHeapGrowth(2 * IN_USE_BYTES);

const list = () => Array.from({ length: ENTRIES }, (_, index) => ({ index, text: `text ${index}` }));
const before = getHeapStatistics().used_heap_size;
const sample = [list(), list(), list(), list()];
const lists = Math.ceil(IN_USE_BYTES / ((getHeapStatistics().used_heap_size - before) / sample.length));

const inUse: unknown[] = [];
const passing: unknown[] = [];
let most = 0;
for (let made = 0; made < 12 * lists; made += 1) {
  // A quarter is in use for some collections, and the rest all at once.
  if (inUse.length < lists / 4 || (made > 4 * lists && inUse.length < lists)) inUse.push(list());
  passing[made % 200] = list();
  if (made % 50 !== 0) continue;
  most = Math.max(most, getHeapStatistics().used_heap_size);
  // What observes collections has its turn.
  await new Promise(setImmediate);
}
process.stdout.write(String(most / IN_USE_BYTES));
