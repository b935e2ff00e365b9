import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { beginningPercent } from '../../src/cli/heap-growth.ts';

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
  it('takes about what it is allowed to, which is much less than V8 would let it take, also when it comes all at once', async () => {
    const bound = await mostOf('bound');
    const free = await mostOf('free');
    console.log(`      allowed 2 times what is in use: ${bound.toFixed(2)}, otherwise ${free.toFixed(2)}`);
    expect(bound).to.be.below(0.6 * free);
  });

  it('is collected as soon as it takes what is allowed, be there ever so little in use, or much', () => {
    expect(beginningPercent(300, { inUse: 80, young: 10, limit: 10_000 })).to.equal(88);
    expect(beginningPercent(300, { inUse: 100, young: 0, limit: 10_000 })).to.equal(66);
    expect(beginningPercent(300, { inUse: 200, young: 100, limit: 10_000 })).to.equal(14);
  });

  it('grows by a quarter at least, and as V8 judges when little is in use', () => {
    expect(beginningPercent(300, { inUse: 300, young: 0, limit: 10_000 })).to.equal(8);
    expect(beginningPercent(300, { inUse: 1_000, young: 0, limit: 10_000 })).to.equal(8);
    expect(beginningPercent(300, { inUse: 75, young: 10, limit: 10_000 })).to.equal(0);
  });

  it('is collected as early where there is not much memory altogether, of which V8 lets it take half of what is left', () => {
    expect(beginningPercent(300, { inUse: 200, young: 100, limit: 800 })).to.equal(33);
    expect(beginningPercent(300, { inUse: 200, young: 100, limit: 600 }), 'V8 begins as early').to.equal(0);
    expect(beginningPercent(300, { inUse: 280, young: 100, limit: 300 }), 'V8 begins at once').to.equal(0);
  });
});
