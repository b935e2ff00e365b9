import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from 'table';
import { startEmbeddedPostgres } from '../src/eventstore/embedded-postgres.ts';
import { migrate } from '../src/eventstore/migrate.ts';
import { interleave, type Side } from './interleave.ts';
import { appendSides } from './sides/appends.ts';
import { hotSlotSides } from './sides/hot-slot.ts';
import { availabilitySides, seatMapSides } from './sides/reads.ts';
import { rebuildSides } from './sides/rebuild.ts';

interface Part {
  readonly name: string;
  readonly title: string;
  open(connectionString: string): Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }>;
}

const PARTS: readonly Part[] = [
  { name: 'appends', title: 'Appends of two events to many streams, per second', open: appendSides },
  { name: 'rebuild', title: 'Seat map from a million events, events per second', open: rebuildSides },
  { name: 'hot-slot', title: 'Holds of one seat on one hot show, per second', open: hotSlotSides },
  { name: 'reads', title: 'Availability of a show of 200 seats, requests per second', open: availabilitySides },
  { name: 'reads', title: 'Seat map of a show of 200 seats, requests per second', open: seatMapSides },
];

const ROUNDS = 5;
const MILLISECONDS = 3_000;

/** Measures the parts that are named on the command line, or all, on a fresh embedded PostgreSQL with fsync on. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}"; parts are ${PARTS.map((part) => part.name).join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDirectory: folder });
  try {
    await migrate(server.connectionString);
    console.log(
      `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores shared by all; Node ${process.version}; embedded PostgreSQL, fsync on`,
    );
    console.log(
      `${ROUNDS} interleaved rounds of ${MILLISECONDS / 1_000} s a side after a warm-up; ratios are medians of the rounds' own ratios\n`,
    );
    for (const part of PARTS.filter(({ name }) => names.length === 0 || names.includes(name))) await measure(part, server.connectionString);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(part: Part, connectionString: string): Promise<void> {
  const { sides, close } = await part.open(connectionString);
  try {
    const measured = await interleave(sides, ROUNDS, MILLISECONDS);
    const rows = measured.map(({ name, median, least, most, ratio }) => [
      name,
      Math.round(median),
      `${Math.round(least)} – ${Math.round(most)}`,
      ratio.toFixed(2),
    ]);
    console.log(`${part.title} (npm run bench -- ${part.name})`);
    console.log(table([['side', 'median', 'spread', 'ratio'], ...rows]));
  } finally {
    await close();
  }
}

await main(process.argv.slice(2));
