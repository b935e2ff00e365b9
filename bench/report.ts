import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { table } from 'table';
import type { Settings } from './arena.ts';
import type { Measured, Spread } from './interleave.ts';

export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a part of the bench found. */
export interface Report {
  readonly title: string;
  readonly tables: readonly ReportTable[];
  readonly remarks: readonly string[];
}

/** The machine and the settings, in a few lines. */
export function settingsInWords({ rounds, milliseconds }: Settings): readonly string[] {
  const [processor] = cpus();
  return [
    `${processor?.model ?? 'unknown processor'}, ${availableParallelism()} cores shared by service, database and load, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}; embedded PostgreSQL, fsync on`,
    `${rounds} interleaved rounds of ${milliseconds / 1_000} s a side after a warm-up; ratios are medians of the rounds' own ratios`,
  ];
}

export function print(name: string, report: Report): void {
  console.log(`${report.title} (npm run bench -- ${name})`);
  for (const { caption, columns, rows } of report.tables)
    console.log(`${caption}\n${table([[...columns], ...rows.map((row) => [...row])])}`);
  for (const remark of report.remarks) console.log(remark);
  console.log('');
}

/**
 * Puts the report into the document, in the place of the same part's last one or else at the end;
 * what is written by hand around it stays.
 *
 * @param nth of the reports that the same command prints, from 0 on.
 */
export function writeTo(file: string, name: string, nth: number, report: Report, settings: readonly string[]): void {
  const place = nth === 0 ? name : `${name} (${nth + 1})`;
  const begin = `<!-- npm run bench -- ${place} -->`;
  const end = `<!-- end of ${place} -->`;
  const tables = report.tables.map(({ caption, columns, rows }) =>
    [caption, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n'),
  );
  const text = [
    begin,
    `### ${report.title}`,
    `\`npm run bench -- ${name}\``,
    ...tables,
    [...report.remarks, ...settings].map((remark) => `- ${remark}`).join('\n'),
    end,
  ].join('\n\n');
  const document = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n';
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  const written =
    from < 0 || to < 0 ? `${document.trimEnd()}\n\n${text}\n` : document.slice(0, from) + text + document.slice(to + end.length);
  writeFileSync(file, written);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function rate(value: number): string {
  return String(Math.round(value));
}

export function times({ median, least, most }: Spread): string {
  return `${median.toFixed(2)} (${least.toFixed(2)} – ${most.toFixed(2)})`;
}

/** Rates of sides, with their ratios to the first of them. */
export function ratesTable(caption: string, measured: readonly Measured[]): ReportTable {
  const rows = measured.map(({ name, median, least, most, ratio }) => [
    name,
    rate(median),
    `${rate(least)} – ${rate(most)}`,
    ratio.toFixed(2),
  ]);
  return { caption, columns: ['side', 'median', 'spread', 'ratio'], rows };
}
