import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { growingPercent } from '../../src/cli/heap-growth.ts';

const CHURN = fileURLToPath(new URL('../support/heap-of-churn.ts', import.meta.url));
const IN_USE_MEGABYTES = 40;
// The first collection comes when V8 guesses that it is due, unless it is told.
const FLAGS = ['--max-semi-space-size=4', '--initial-old-space-size=20'];

/** The most that the heap of a process takes, as a multiple of what it has in use. */
async function mostOf(mode: 'bound' | 'free'): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, '--import', 'tsx', CHURN, mode, String(IN_USE_MEGABYTES)]);
  return Number(stdout);
}

describe('the heap of a process that has much in use', function () {
  this.timeout(60_000);

  // What it takes for a moment more is what is added while a collection is under way: the more, the busier the machine.
  it('takes about what it is allowed to, which is much less than V8 would let it take', async () => {
    const bound = await mostOf('bound');
    const free = await mostOf('free');
    console.log(`      allowed 2 times what is in use: ${bound.toFixed(2)}, otherwise ${free.toFixed(2)}`);
    expect(bound).to.be.below(0.7 * free);
  });

  it('is as large as allowed before its next collection when as much is in use as before', () => {
    expect(growingPercent(300, 200, 200)).to.equal(50);
    expect(growingPercent(300, 250, 200)).to.equal(50);
  });

  it('grows by less when more is in use from one collection to the next, since that will go on', () => {
    expect(growingPercent(375, 160, 200)).to.equal(50);
    expect(growingPercent(600, 100, 200)).to.equal(50);
    expect(growingPercent(600, 50, 200)).to.equal(50);
    expect(growingPercent(600, 0, 200)).to.equal(50);
  });

  it('grows by a quarter at least, and as V8 judges when little is in use', () => {
    expect(growingPercent(300, 300, 300)).to.equal(25);
    expect(growingPercent(300, 1_000, 1_000)).to.equal(25);
    expect(growingPercent(400, 100, 100)).to.equal(300);
    expect(growingPercent(400, 99, 99)).to.equal(0);
  });
});
