import type { Row } from './projection.ts';

/**
 * Most rows of one statement, and characters of their JSON, whose values are put together in one turn of the event loop. PostgreSQL
 * takes no more than 256 MiB as one jsonb, and the text, what the server makes of it and the rows are in memory at once.
 */
const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 8 * 1024 * 1024;

/** Rows in the form in which statements save them, as JSON arrays, in their order; a row that is too large for a piece is one of its own. */
export function* savedRows(rows: readonly Row[]): Iterable<string> {
  let piece: string[] = [];
  let characters = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (piece.length === MOST_ROWS || (piece.length > 0 && characters + text.length > MOST_CHARACTERS)) {
      yield `[${piece.join(',')}]`;
      piece = [];
      characters = 0;
    }
    piece.push(text);
    characters += text.length + 1;
  }
  if (piece.length > 0) yield `[${piece.join(',')}]`;
}
