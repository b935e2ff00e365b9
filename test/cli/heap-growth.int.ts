import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const CHURN = fileURLToPath(new URL('../support/heap-of-churn.ts', import.meta.url));
const IN_USE_MEGABYTES = 40;

/** The most that the heap of a process takes, as a multiple of what it has in use. */
async function mostOf(mode: 'bound' | 'free'): Promise<number> {
  const words = ['--max-semi-space-size=4', '--import', 'tsx', CHURN, mode, String(IN_USE_MEGABYTES)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return Number(stdout);
}

describe('the heap of a process that has much in use', () => {
  it('takes about what it is allowed to, which is much less than V8 would let it take', async function () {
    this.timeout(60_000);
    const bound = await mostOf('bound');
    const free = await mostOf('free');

    console.log(`      allowed 2 times what is in use: ${bound.toFixed(2)} times, otherwise ${free.toFixed(2)} times`);
    // What it takes for a moment more is what is added while a collection is under way: the more, the busier the machine.
    expect(bound).to.be.below(0.7 * free);
  });
});
