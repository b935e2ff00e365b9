import { table } from 'table';
import { simulateInOwnProcess } from '../simulation/in-own-process.ts';
import { Copy } from './mutant.ts';
import { MUTATIONS } from './mutations.ts';

/** Worlds within which the simulation has to find a bug; always the same ones, as a verdict must not hang on luck. */
const MOST_WORLDS = 1_000;
const FIRST_SEED = 1;
/** Characters of a fault that are shown; the rest tells the whole request. */
const MOST_CHARACTERS = 140;

/** Plants each deliberate bug in a copy of the sources and tells whether the tests that should notice it do, and in which simulated world it shows. */
async function main(): Promise<void> {
  const copy = new Copy();
  const rows: string[][] = [['bug', 'test', 'verdict']];
  let survivors = 0;
  try {
    const files = [...new Set(MUTATIONS.flatMap(({ caughtBy }) => caughtBy.map(({ file }) => file)))];
    const healthy = await copy.test(files);
    if (healthy.failed.length > 0) throw new Error(`without any bug these fail already: ${healthy.failed.join('; ')}`);
    const { failures } = await simulateInOwnProcess(FIRST_SEED, MOST_WORLDS, { mostFailures: 1, root: copy.folder });
    if (failures.length > 0) throw new Error(`without any bug the simulation fails already: ${JSON.stringify(failures)}`);
    for (const mutation of MUTATIONS) {
      process.stderr.write(`${mutation.bug} …\n`);
      copy.plant(mutation);
      const { failed } = await copy.test(mutation.caughtBy.map(({ file }) => file));
      const { done, failures } = await simulateInOwnProcess(FIRST_SEED, MOST_WORLDS, { mostFailures: 1, root: copy.folder });
      copy.heal(mutation);
      const [found] = failures;
      if (found === undefined) survivors += 1;
      const fault = found?.faults[0]?.slice(0, MOST_CHARACTERS) ?? '';
      rows.push([mutation.bug, `the simulation\n${fault}`, found === undefined ? `SURVIVED ${done} worlds` : `found in world ${done}`]);
      for (const { file, title } of mutation.caughtBy) {
        const caught = failed.includes(title) && healthy.passed.includes(title);
        if (!caught) survivors += 1;
        rows.push([mutation.bug, `${file}\n${title}`, caught ? 'caught' : 'SURVIVED']);
      }
    }
  } finally {
    copy.remove();
  }
  process.stdout.write(
    table(rows, {
      columns: [
        { width: 40, wrapWord: true },
        { width: 70, wrapWord: true },
        { width: 14, wrapWord: true },
      ],
    }),
  );
  process.exitCode = survivors === 0 ? 0 : 1;
}

await main();
