import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('../../support/memory-of-watching.ts', import.meta.url));
const WATCHERS = Number(process.env.HOLDFAST_WATCHERS ?? 200);
const MIB = 2 ** 20;
/** What compiling and collecting leave behind in one moment and not in another; 0.3 MiB were seen. */
const MARGIN = MIB;

interface Report {
  /** Bytes in use after a first rush, with all that is bounded full, and after each one later. */
  readonly heaps: readonly number[];
  readonly events: number;
  readonly sent: number;
  readonly came: number;
}

async function watched(...words: readonly string[]): Promise<Report & { readonly growth: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, String(WATCHERS), ...words]);
  const report = JSON.parse(stdout) as Report;
  const [first = 0, ...later] = report.heaps;
  const growth = Math.min(...later.slice(-2)) - first;
  const used = report.heaps.map((bytes) => (bytes / MIB).toFixed(2)).join(', ');
  console.log(`      ${used} MiB in use after each rush; ${report.events} events in the later ones, ${report.came} times somebody came`);
  return { ...report, growth };
}

describe(`the memory of a process while ${WATCHERS} watch a slot through one rush after another`, function () {
  this.timeout(300_000);

  it('stays what it is once everything that is bounded is full', async () => {
    const { growth, came, sent } = await watched();
    expect(came, 'many were cut off and came back').to.be.greaterThan(5 * WATCHERS);
    expect(sent).to.be.greaterThan(MARGIN * 10);
    expect(growth).to.be.lessThan(MARGIN);
  });

  it('would be seen to grow if what is sent were kept', async () => {
    expect((await watched('hoards')).growth).to.be.greaterThan(2 * MARGIN);
  });
});
