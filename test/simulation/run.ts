import { simulate } from './simulate.ts';

/**
 * Lives through so many worlds, one after another, in a process that does nothing else, since time and
 * chance are replaced in it. A line for each seed that begins, so that a parent knows which one never
 * ended; one for each that failed, and the tally at the end, as JSON.
 *
 * usage: tsx test/simulation/run.ts <first seed> <count> [faults after which to stop]
 */
async function main([first = '1', count = '1', most = '1']: readonly string[]): Promise<void> {
  const tally = new Map<string, number>();
  const traces: string[] = [];
  let failed = 0;
  let done = 0;
  for (; done < Number(count) && failed < Number(most); done += 1) {
    const seed = (Number(first) + done) % 2 ** 32;
    print({ begun: seed });
    const outcome = await simulate(seed);
    traces.push(outcome.trace);
    for (const [what, times] of outcome.tally) tally.set(what, (tally.get(what) ?? 0) + times);
    if (outcome.faults.length === 0) continue;
    failed += 1;
    print({ failed: seed, faults: outcome.faults });
  }
  print({ done, failed, tally: Object.fromEntries([...tally].sort()), traces });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await main(process.argv.slice(2));
