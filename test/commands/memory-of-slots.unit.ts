import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('../support/memory-of-slots.ts', import.meta.url));
const MIB = 2 ** 20;
/** Slots that would take a multiple of the bound. */
const SLOTS = { theatre: 400, bus: 400, vehicle: 250 };

describe('the memory of many slots in use', function () {
  this.timeout(120_000);

  for (const [category, count] of Object.entries(SLOTS)) {
    it(`stays within its bound in bytes: ${count} slots like a ${category}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, category, String(count)]);
      const { taken, bound } = JSON.parse(stdout) as { taken: number; bound: number };
      console.log(`      ${(taken / MIB).toFixed(1)} MiB in the heap where ${bound / MIB} MiB were allowed`);
      expect(taken, 'the bound is made use of').to.be.greaterThan(bound / 2);
    });
  }
});
