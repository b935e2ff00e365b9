/** How PostgreSQL's programs begin what ended them. A server that starts up refuses clients in the same words. */
const FAILURE = /\b(?:FATAL|PANIC|error): +(?!the database system is )(\S.*)/;
/** What they add to it in the lines after. */
const ADDITION = /\b(?:DETAIL|HINT): +(.*)/;

/** The last failure that one of PostgreSQL's programs told of, with what it added, in one line; else its last line. */
export function reasonIn(output: string): string {
  const lines = output.trim().split('\n');
  const last = lines.findLastIndex((line) => FAILURE.test(line));
  if (last === -1) return lines.at(-1)?.trim() || 'it did not say why';
  const failure = FAILURE.exec(lines[last] ?? '')?.[1] ?? '';
  const additions = lines.slice(last + 1).flatMap((line) => ADDITION.exec(line)?.[1] ?? []);
  return [failure, ...additions].map((sentence) => sentence.trim().replace(/\.$/, '')).join('. ');
}
