import type { Cabin, Element } from './seat-map-file.ts';

/** Elements that are a seat, though nobody may be sold it and the file gives it no designator. */
export function isRestrictedSeat(element: Element): boolean {
  return element.type.startsWith('restricted_seat');
}

/** `12C` → row `12`, letter `C`; null for anything else. */
export function splitDesignator(designator: string): { readonly row: string; readonly letter: string } | null {
  const match = /^(\d+)([A-Z])$/.exec(designator);
  return match === null ? null : { row: match[1] as string, letter: match[2] as string };
}

/**
 * Names the restricted seats of a cabin: the row's number from its other seats, the letter from the
 * seats at the same place of other rows that are cut alike. Where the file leaves either open, the
 * element's own id stands in: a name that might be another seat's would be worse than an odd one.
 */
export function nameRestrictedSeats(cabin: Cabin): ReadonlyMap<Element, string> {
  const letters = lettersByPlace(cabin);
  const taken = new Set(cabin.rows.flatMap((row) => row.sections.flatMap(({ elements }) => elements.map(({ designator }) => designator))));
  const names = new Map<Element, string>();
  for (const [rowIndex, row] of cabin.rows.entries()) {
    const number = rowNumber(row);
    for (const [sectionIndex, { elements }] of row.sections.entries()) {
      for (const [place, element] of elements.entries()) {
        if (!isRestrictedSeat(element)) continue;
        const found = letters.get(placeKey(sectionIndex, elements.length, place));
        const guess = number !== null && found?.size === 1 ? `${number}${[...found][0]}` : null;
        const name = guess === null || taken.has(guess) ? (element.id ?? `restricted-${rowIndex}-${sectionIndex}-${place}`) : guess;
        taken.add(name);
        names.set(element, name);
      }
    }
  }
  return names;
}

function lettersByPlace(cabin: Cabin): ReadonlyMap<string, ReadonlySet<string>> {
  const letters = new Map<string, Set<string>>();
  for (const { sections } of cabin.rows) {
    for (const [sectionIndex, { elements }] of sections.entries()) {
      for (const [place, { designator }] of elements.entries()) {
        const letter = splitDesignator(designator ?? '')?.letter;
        if (letter === undefined) continue;
        const key = placeKey(sectionIndex, elements.length, place);
        letters.set(key, (letters.get(key) ?? new Set()).add(letter));
      }
    }
  }
  return letters;
}

function placeKey(section: number, elements: number, place: number): string {
  return `${section}/${elements}/${place}`;
}

/** Null when the row has no designated seat, or its seats disagree. */
export function rowNumber(row: Cabin['rows'][number]): string | null {
  const numbers = row.sections.flatMap(({ elements }) =>
    elements.flatMap(({ designator }) => splitDesignator(designator ?? '')?.row ?? []),
  );
  return new Set(numbers).size === 1 ? (numbers[0] as string) : null;
}
