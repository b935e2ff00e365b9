import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const CHURN = fileURLToPath(new URL('../support/heap-of-churn.ts', import.meta.url));
const IN_USE_MEGABYTES = 40;

/** The most that the heap of a process takes, as multiples of what it has in use in the end. */
async function mostOf(mode: 'bound' | 'free'): Promise<{ readonly growing: number; readonly settled: number }> {
  const words = ['--max-semi-space-size=4', '--import', 'tsx', CHURN, mode, String(IN_USE_MEGABYTES)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout);
}

describe('the heap of a process that has much in use', function () {
  this.timeout(60_000);
  const most = { bound: { growing: 0, settled: 0 }, free: { growing: 0, settled: 0 } };

  before(async () => {
    most.bound = await mostOf('bound');
    most.free = await mostOf('free');
    console.log(`      allowed 2 times what is in use: ${JSON.stringify(most.bound)}, otherwise ${JSON.stringify(most.free)}`);
  });

  // What it takes for a moment more is what is added while a collection is under way: the more, the busier the machine.
  it('takes about what it is allowed to, which is much less than V8 would let it take', () => {
    expect(most.bound.settled).to.be.below(0.7 * most.free.settled);
  });

  it('does so from the beginning, though what is in use becomes twice as much from one collection to the next', () => {
    expect(most.bound.growing).to.be.below(1.1 * most.bound.settled);
  });
});
