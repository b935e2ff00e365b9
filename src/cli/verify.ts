import { type Command, InvalidArgumentError } from 'commander';
import type { Interruption } from './interruption.ts';
import { duration, type Progress, printJson, printLine, printTable, startProgress } from './output.ts';
import { MAX_FAULTS_KEPT } from './verify/faults.ts';
import { type HeadDigest, parseDigest } from './verify/head-digest.ts';
import { type VerifyProgress, type VerifyReport, verifyLog } from './verify/verify-log.ts';
import type { Wiring } from './wiring.ts';
import { withHoldfast } from './with-holdfast.ts';

/** `holdfast verify`: everything that is stored against everything else. */
export function register(program: Command, wiring: Wiring): void {
  program
    .command('verify')
    .description('check chains, order, content, conservation and read models; exit code 1 when something is off')
    .option('--since <digest>', 'the head digest of an earlier run: tells whether history before it is still the same', digestArgument)
    .option('--json', 'print the report as JSON')
    .action(({ since, json }: { since?: HeadDigest; json?: boolean }) =>
      withHoldfast(wiring, async (parts, interruption) => {
        const progress = onTerminal(interruption);
        const report = await verifyLog(parts, { since: since ?? null, progress }).finally(() => progress.finish());
        if (json === true) printJson(report);
        else printReport(report);
        if (report.verdict === 'faulty') process.exitCode = 1;
      }),
    );
}

const PHASES = { views: 'read models catching up, position', log: 'log, events', streams: 'streams, events' } as const;

function onTerminal(interruption: Interruption): VerifyProgress & { finish(): void } {
  let current: Progress | null = null;
  return {
    phase(name, total) {
      current?.finish();
      current = startProgress(PHASES[name], { total });
    },
    update(done) {
      interruption.throwIfWanted();
      current?.update(done);
    },
    finish() {
      current?.finish();
    },
  };
}

function printReport({ verdict, counts, views, faults, faultCount, since, digest, position, seconds }: VerifyReport): void {
  printTable(
    ['checked', 'number'],
    [
      ['events', counts.events],
      ['streams', counts.streams],
      ['bookings', counts.bookings],
      ['snapshots', counts.snapshots],
      ['rows of read models', counts.rows],
    ],
  );
  printLine(
    `Read models compared at positions ${views.inventory} (inventory), ${views.bookings} (bookings) and ${views.sales} (sales), in ${duration(seconds * 1_000)}.`,
  );
  if (since !== null) {
    printLine(since.unchanged ? `History up to ${since.digest} is unchanged.` : `HISTORY IS NOT WHAT IT WAS at ${since.digest}.`);
  }
  for (const { check, where, message } of faults) printLine(`FAULT ${check}: ${where}: ${message}`);
  if (faultCount > MAX_FAULTS_KEPT) printLine(`… and ${faultCount - MAX_FAULTS_KEPT} more.`);
  printLine(verdict === 'clean' ? 'Verdict: clean.' : `Verdict: FAULTY, ${faultCount} ${faultCount === 1 ? 'fault' : 'faults'}.`);
  printLine(`Head digest at position ${position}, to keep elsewhere and give to a later verify --since:`);
  printLine(digest);
}

function digestArgument(text: string): HeadDigest {
  const digest = parseDigest(text);
  if (digest === null) throw new InvalidArgumentError('Expected the digest that an earlier verify printed, holdfast:<position>:<hex>.');
  return digest;
}
