import type { LayoutInput } from '../../commands/schemas/layouts.ts';

const LETTERS = ['A', 'B', 'C', 'D'] as const;
/** The aisle is as wide as a seat. */
const COLUMNS = [0, 1, 3, 4] as const;
/** The last seat before the aisle. */
const BEFORE_AISLE = 1;

/** The category of every seat; the slots' prices name it. */
export const SEAT_CATEGORY = 'seat';

/**
 * A coach of so many seats: rows of four with an aisle in the middle, `1A 1B | 1C 1D`, the last
 * row as long as need be. Seats are priced per stop, by the slot.
 */
export function coachLayout(seats: number): LayoutInput {
  const units = Array.from({ length: seats }, (_, index): LayoutInput['units'][number] => {
    const place = index % LETTERS.length;
    const row = String(Math.floor(index / LETTERS.length) + 1);
    return {
      unitId: `${row}${LETTERS[place]}`,
      category: SEAT_CATEGORY,
      priceBasis: 'stop',
      row,
      number: LETTERS[place] ?? '',
      x: COLUMNS[place] ?? 0,
      y: Number(row),
      ...(place === BEFORE_AISLE ? { gapAfter: true } : {}),
    };
  });
  return { name: `Coach with ${seats} seats`, units };
}
