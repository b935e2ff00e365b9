import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from 'table';
import { startEmbeddedPostgres } from '../src/eventstore/embedded-postgres.ts';
import { migrate } from '../src/eventstore/migrate.ts';
import { checkPlans, type Finding, fill, isFilled, millisecondsOf, tableSizes } from './plans/check-plans.ts';

/** A table of so many rows takes too long to be read from one end to the other on a hot path. */
const LARGE = 10_000;
const BOOKINGS = 1_000_000;

/**
 * Fills an embedded PostgreSQL with about so many bookings, asks it every question that the read side
 * can be asked, and prints how each was answered. Fails when a large table was scanned.
 *
 * HOLDFAST_PLANS_FOLDER names a folder to keep the data in: it is filled once, and asked again at will.
 */
async function main(bookings: number): Promise<void> {
  const kept = process.env.HOLDFAST_PLANS_FOLDER;
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'holdfast-plans-')));
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDirectory: folder });
  try {
    await migrate(server.connectionString);
    if (!(await isFilled(server.connectionString))) await fill(server.connectionString, bookings, (line) => console.log(line));
    const sizes = await tableSizes(server.connectionString);
    console.log(
      table([
        ['table', 'rows', 'MB', 'MB of indexes'],
        ...sizes.map(({ name, rows, megabytes, indexMegabytes }) => [name, rows, megabytes, indexMegabytes]),
      ]),
    );
    const findings = await checkPlans(server.connectionString, LARGE);
    for (const finding of findings) print(finding);
    const faults = findings.filter(({ question, scanned }) => scanned.length > 0 && question.mayScan === undefined);
    console.log(`${findings.length} questions, ${faults.length} of them read a large table from one end to the other`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function print({ question, statements, scanned }: Finding): void {
  const milliseconds = millisecondsOf(statements);
  const pages = statements.reduce((sum, statement) => sum + statement.pages, 0);
  const warning = scanned.length === 0 ? '' : question.mayScan === undefined ? '  SCANS' : '  scans';
  console.log(`${question.group}: ${question.name}: ${milliseconds.toFixed(1)} ms, ${pages} pages${warning}`);
  for (const line of statements.flatMap(({ reads }) => reads)) console.log(`    ${line}`);
}

await main(Number(process.argv[2] ?? BOOKINGS));
