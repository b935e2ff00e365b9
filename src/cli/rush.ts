import type { Command } from 'commander';
import { urlArgument, wholeNumber } from './arguments.ts';
import { duration, printJson, printLine, printTable, startProgress } from './output.ts';
import { freePlaces, judgeRush, type Verdict } from './rush/judge.ts';
import { MAX_SEATS, openShow } from './rush/open-show.ts';
import { type Rates, ratesOf } from './rush/rates.ts';
import { runRush } from './rush/run-rush.ts';
import type { RushOutcome } from './rush/rush-records.ts';

interface RushOptions {
  readonly url: string;
  readonly slot?: string;
  readonly seats: number;
  readonly buyers: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** More sockets than this are more than one process should open. */
const MAX_BUYERS = 5_000;

/** `holdfast rush`: many buyers on one slot of a running service, and a verdict. */
export function register(program: Command): void {
  program
    .command('rush')
    .description('send buyers after the best seats of one slot until it is sold out, and judge what they were told')
    .option('--url <address>', 'the running service', urlArgument, 'http://127.0.0.1:8080')
    .option('--slot <id>', 'a slot that is there; without it a show is opened')
    .option('--seats <count>', 'seats of the show that is opened', wholeNumber(1, MAX_SEATS), 1_000)
    .option('--buyers <count>', 'buyers at the same time', wholeNumber(1, MAX_BUYERS), 200)
    .option('--seed <number>', 'what decides who asks for how many', wholeNumber(0, 2_147_483_647), 1)
    .option('--json', 'print the verdict as JSON')
    .action(async ({ url, slot, seats, buyers, seed, json }: RushOptions) => {
      const slotId = slot ?? (await openShow(url, seats, `rush-${Date.now().toString(36)}-${seed}`));
      const expected = await freePlaces(url, slotId);
      const progress = startProgress('places sold', { total: expected });
      const outcome = await runRush({
        urls: [url],
        slotId,
        buyers,
        seed,
        onProgress: ({ asked, held, sold, refused }) => progress.update(sold, `${held} held, ${asked} asked, ${refused} refused`),
      });
      progress.finish();
      const verdict = await judgeRush(url, outcome, expected);
      const rates = ratesOf(outcome);
      if (json === true)
        printJson({ slotId, expected, seed, buyers, ...verdict, seconds: outcome.seconds, resent: outcome.resent, ...rates });
      else printVerdict(outcome, rates, verdict);
      if (!verdict.holds) process.exitCode = 1;
    });
}

function printVerdict({ slotId, asked, seconds, resent }: RushOutcome, rates: Rates, { holds, findings }: Verdict): void {
  const perSecond = (rate: number) => Math.round(rate).toString();
  printTable(
    [`rush on ${slotId}`, ''],
    [
      ['seconds', seconds.toFixed(2)],
      ['requests for seats', asked.length],
      ['writes answered a second', perSecond(rates.writesPerSecond)],
      ['places sold a second', perSecond(rates.placesPerSecond)],
      ['answer, median', duration(rates.p50Ms)],
      ['answer, 99 of 100', duration(rates.p99Ms)],
      ['answer, slowest', duration(rates.slowestMs)],
      ['sent again', resent],
    ],
  );
  for (const { holds: one, statement } of findings) printLine(`${one ? 'ok   ' : 'WRONG'} ${statement}`);
  printLine(holds ? 'Verdict: clean.' : 'Verdict: WRONG.');
}
