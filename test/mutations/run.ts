import { table } from 'table';
import { Copy } from './mutant.ts';
import { MUTATIONS } from './mutations.ts';

/** Plants each deliberate bug in a copy of the sources and tells whether the tests that should notice it do. */
async function main(): Promise<void> {
  const copy = new Copy();
  const rows: string[][] = [['bug', 'test', 'verdict']];
  let survivors = 0;
  try {
    const files = [...new Set(MUTATIONS.flatMap(({ caughtBy }) => caughtBy.map(({ file }) => file)))];
    const healthy = await copy.test(files);
    if (healthy.failed.length > 0) throw new Error(`without any bug these fail already: ${healthy.failed.join('; ')}`);
    for (const mutation of MUTATIONS) {
      process.stderr.write(`${mutation.bug} …\n`);
      copy.plant(mutation);
      const { failed } = await copy.test(mutation.caughtBy.map(({ file }) => file));
      copy.heal(mutation);
      for (const { file, title } of mutation.caughtBy) {
        const caught = failed.includes(title) && healthy.passed.includes(title);
        if (!caught) survivors += 1;
        rows.push([mutation.bug, `${file}\n${title}`, caught ? 'caught' : 'SURVIVED']);
      }
    }
  } finally {
    copy.remove();
  }
  process.stdout.write(table(rows, { columns: [{ width: 40, wrapWord: true }, { width: 70, wrapWord: true }, {}] }));
  process.exitCode = survivors === 0 ? 0 : 1;
}

await main();
