import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('../support/memory-of-feed.ts', import.meta.url));
const MIB = 2 ** 20;
const BOUND = 32 * MIB;
/** What counting roughly may miss. */
const ALLOWANCE = 1.3;
/** Events that together take a multiple of the bound. */
const EVENTS = [
  { words: ['booked', '1', '30000'], told: '30,000 events about a seat each' },
  { words: ['booked', '500', '1500'], told: '1,500 events about 500 seats each' },
  { words: ['blocked', '1000', '800'], told: '800 events about 1,000 seats each, which share nothing' },
];

describe('the memory of what a process has just written', function () {
  this.timeout(120_000);

  for (const { words, told } of EVENTS) {
    it(`stays within its bound in bytes: ${told}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, ...words]);
      const { taken, kept, added } = JSON.parse(stdout) as { taken: number; kept: number; added: number };
      console.log(`      ${(taken / MIB).toFixed(1)} MiB in the heap for ${kept} events where ${BOUND / MIB} MiB were allowed`);
      expect(kept, 'the oldest were forgotten').to.be.within(1, added - 1);
      expect(taken, 'the bound is made use of').to.be.greaterThan(BOUND / 2);
      expect(taken).to.be.lessThan(ALLOWANCE * BOUND);
    });
  }
});
