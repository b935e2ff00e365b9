import pg from 'pg';
import { fillAttempts } from './attempts.ts';
import type { Statement } from './explaining.ts';
import { fillLog } from './fill-log.ts';
import { fillViews } from './fill-views.ts';
import { partsOn, samplesOf } from './parts.ts';
import { QUESTIONS, type Question } from './questions.ts';

/** How often a question is asked; the fastest time counts, when what it needs is in memory. */
const TIMES = 5;

export interface Finding {
  readonly question: Question;
  readonly statements: readonly Statement[];
  /** Large tables that it read from one end to the other. */
  readonly scanned: readonly string[];
}

export interface TableSize {
  readonly name: string;
  readonly rows: number;
  readonly megabytes: number;
  readonly indexMegabytes: number;
}

/** Fills a migrated, empty database with about so many bookings, and all read models. */
export async function fill(connectionString: string, bookings: number, tell: (line: string) => void): Promise<void> {
  await withClient(connectionString, async (client) => {
    await client.query('SET synchronous_commit = off');
    const begun = performance.now();
    const { slots, events } = await fillLog(client, bookings);
    await fillAttempts(client, Math.ceil(bookings / 5));
    tell(`${slots} slots, ${events} events written in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  });
  await fillViews(connectionString, tell);
}

export async function isFilled(connectionString: string): Promise<boolean> {
  return withClient(
    connectionString,
    async (client) => (await client.query('SELECT 1 FROM holdfast.log_head WHERE position > 0')).rowCount === 1,
  );
}

/** Asks all questions. @param large a table with so many rows is to be read by an index. */
export async function checkPlans(connectionString: string, large: number): Promise<readonly Finding[]> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT relname AS name FROM pg_class WHERE relkind = $1 AND reltuples >= $2', [
      'r',
      large,
    ]);
    const largeOnes = new Set(rows.map(({ name }) => name));
    const samples = await samplesOf(client);
    const findings: Finding[] = [];
    for (const question of QUESTIONS) {
      let statements: readonly Statement[] | null = null;
      for (let time = 1; time <= TIMES; time += 1) {
        const parts = partsOn(client);
        await question.ask(parts, samples);
        const asked = parts.statements();
        if (statements === null || millisecondsOf(asked) < millisecondsOf(statements)) statements = asked;
      }
      if (statements === null || statements.length === 0)
        throw new Error(`${question.group}: ${question.name} asked nothing of the database`);
      findings.push({
        question,
        statements,
        scanned: statements.flatMap(({ scanned }) => scanned.filter((table) => largeOnes.has(table))),
      });
    }
    return findings;
  });
}

/** The tables with the most rows, log and read models alike. */
export async function tableSizes(connectionString: string): Promise<readonly TableSize[]> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<TableSize>(
      `SELECT relnamespace::regnamespace || '.' || relname AS name, reltuples::float8 AS rows,
              round((pg_table_size(oid) / 1048576.0), 1)::float8 AS megabytes, round((pg_indexes_size(oid) / 1048576.0), 1)::float8 AS "indexMegabytes"
         FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE 'holdfast%' AND reltuples > 0 ORDER BY pg_total_relation_size(oid) DESC`,
    );
    return rows;
  });
}

export function millisecondsOf(statements: readonly Statement[]): number {
  return statements.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

async function withClient<Result>(connectionString: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
