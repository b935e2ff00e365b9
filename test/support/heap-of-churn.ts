import { getHeapStatistics } from 'node:v8';
import { boundHeapGrowth } from '../../src/cli/heap-growth.ts';

// A process of its own: it has so much in use, and makes as much again and again that is of no use any more soon, but
// not at once. Prints the most that its heap took once it had settled, as a multiple of what is in use.

const [, , mode, megabytes = ''] = process.argv;
const IN_USE_BYTES = Number(megabytes) * 1024 * 1024;
const ENTRIES = 1_000;

if (mode === 'bound') boundHeapGrowth(2 * IN_USE_BYTES);

const list = () => Array.from({ length: ENTRIES }, (_, index) => ({ index, text: `text ${index}` }));
const before = getHeapStatistics().used_heap_size;
const inUse: unknown[] = [];
while (getHeapStatistics().used_heap_size - before < IN_USE_BYTES) inUse.push(list());

const passing: unknown[] = [];
let most = 0;
for (let made = 0; made < 18 * inUse.length; made += 1) {
  passing[made % 200] = list();
  if (made % 50 !== 0) continue;
  if (made > 6 * inUse.length) most = Math.max(most, getHeapStatistics().used_heap_size);
  // What observes collections has its turn.
  await new Promise(setImmediate);
}
process.stdout.write(`${most / IN_USE_BYTES}\n`);
