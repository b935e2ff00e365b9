import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('../support/memory-of-slots.ts', import.meta.url));
const MIB = 2 ** 20;
/** Slots that would take a multiple of the bound. */
const SLOTS = [
  { words: ['theatre', '400'], told: '400 slots like a theatre' },
  { words: ['bus', '400'], told: '400 slots like a bus' },
  { words: ['vehicle', '250'], told: '250 slots like a vehicle' },
  { words: ['theatre', '150', 'own-halls'], told: '150 slots, each in a hall of 5,200 seats of its own' },
  { words: ['theatre', '600', 'priced-anew'], told: '600 slots on one hall of 5,200 seats, each with a price of its own' },
  { words: ['theatre', '100', 'without-a-seat'], told: '100 slots on one hall of 5,200 seats, each without one of them' },
  { words: ['vehicle', '200', 'large-fleets'], told: '200 fleets of 200 cars' },
];

describe('the memory of many slots in use', function () {
  this.timeout(120_000);

  for (const { words, told } of SLOTS) {
    it(`stays within its bound in bytes: ${told}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, ...words]);
      const { taken, bound } = JSON.parse(stdout) as { taken: number; bound: number };
      console.log(`      ${(taken / MIB).toFixed(1)} MiB in the heap where ${bound / MIB} MiB were allowed`);
      expect(taken, 'the bound is made use of').to.be.greaterThan(bound / 2);
    });
  }
});
