import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import { SLOTS } from '../projections/inventory/tables.ts';
import type { Conditions } from './conditions.ts';
import { ask, type ViewSource } from './database.ts';

/** Letters at the beginning of a word that must be right: by them the index finds the words that may be meant. */
const RIGHT_LETTERS = 2;
/** Shorter words have too many neighbours; from LONG letters on, two mistakes are forgiven instead of one. */
const SHORTEST = 4;
const LONG = 8;
const LONGEST = 40;
/** Slots whose words are looked at, and words that are compared. */
const MOST_SLOTS = 2_000;
const MOST_WORDS = 5_000;

/**
 * The text with its unknown words replaced by the nearest ones of the slots under the conditions, or null
 * when a word has no near one. Near are words that a wrong, missing, added or swapped letter leads to.
 */
export async function respelled(source: ViewSource, text: string, where: Conditions): Promise<string | null> {
  const asked = `unnest(string_to_array(trim(holdfast_views.plain_words(${where.placeholder(text)})), ' ')) WITH ORDINALITY AS split (word, place)`;
  const sql = (build: ReadableBuild) => `
    WITH asked AS (SELECT word, place, left(word, ${RIGHT_LETTERS}) AS beginning, length(word) >= ${SHORTEST} AS compared FROM ${asked}),
      seen AS (SELECT s.words FROM ${build.table(SLOTS)} s
                WHERE ${where.sql} AND s.words @@ (
                  SELECT to_tsquery('simple', string_agg(format('''%s'':*', beginning), ' | ')) FROM asked WHERE compared)
                LIMIT ${MOST_SLOTS}),
      known AS (SELECT each.lexeme, count(*) AS slots FROM seen, unnest(seen.words) AS each
                 WHERE left(each.lexeme, ${RIGHT_LETTERS}) IN (SELECT beginning FROM asked WHERE compared)
                 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_WORDS})
    SELECT array(SELECT word FROM asked ORDER BY place) AS words, array(SELECT lexeme FROM known ORDER BY slots DESC, lexeme) AS known`;
  const [found] = await ask<{ words: readonly string[]; known: readonly string[] }>(source, inventory, sql, where.values);
  if (found === undefined) throw new Error('the statement answers one row, whatever is known');
  const { words, known } = found;
  const meant = words.map((word, index) => nearest(word, known, index === words.length - 1));
  const isOther = meant.some((word, index) => word !== words[index]);
  return isOther && !meant.includes(null) ? meant.join(' ') : null;
}

/** The word itself when it is known or too short to be compared; of the known ones, of which the most usual come first, the nearest. */
function nearest(word: string, known: readonly string[], isLast: boolean): string | null {
  if (word.length < SHORTEST || known.some((one) => one === word || (isLast && one.startsWith(word)))) return word;
  let best: string | null = null;
  let fewest = word.length < LONG ? 1 : 2;
  for (const one of known) {
    const mistakes = mistakesBetween(word, one, fewest);
    if (mistakes > fewest || (best !== null && mistakes === fewest)) continue;
    best = one;
    fewest = mistakes;
  }
  return best;
}

/** How many letters are wrong, missing, added or swapped with their neighbour; something above the bound when that is exceeded. */
function mistakesBetween(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound || a.length > LONGEST || b.length > LONGEST) return bound + 1;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const at = (values: readonly number[], index: number) => values[index] as number;
      let least = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, at(beforeLast, column - 2) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] as number;
}
