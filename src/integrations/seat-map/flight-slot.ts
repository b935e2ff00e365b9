import type { OpenSlotInput } from '../../commands/schemas/slots.ts';
import type { UnitInput } from '../../commands/schemas/units.ts';
import { idPart, MAX_SLOT_ID } from '../id-part.ts';
import { InputError } from '../input-error.ts';
import { minorUnits } from '../money.ts';
import { isRestrictedSeat, nameRestrictedSeats, rowNumber, splitDesignator } from './restricted-seats.ts';
import type { Cabin, Element, SeatMap } from './seat-map-file.ts';

/** A flight ready to be opened: the body of `POST /slots`, and which of its seats are to be blocked, by reason. */
export interface FlightSlot {
  readonly slot: OpenSlotInput & { readonly slotId: string };
  readonly blocked: ReadonlyMap<BlockReason, readonly string[]>;
}

/** `restricted`: the airline sells it to nobody; `not offered`: the file names no price for it. */
export type BlockReason = 'restricted' | 'not offered';

interface Seat {
  readonly unit: Omit<UnitInput, 'price'>;
  /** Null for a seat that the file does not sell. */
  readonly price: number | null;
  readonly reason: BlockReason | null;
}

/** The name that airlines give to an ordinary seat; other names (`EXTRA LEGROOM`) make a category of their own. */
const ORDINARY_SEAT = 'SEAT ASSIGNMENT';

/**
 * Turns a seat map into a slot. Every seat is a unit: one that the file sells has its price (the
 * lowest, where passengers are offered different ones); any other is blocked and bears the highest
 * price of its category, so that unblocking it by mistake gives nothing away.
 * @param startsAt the departure, RFC 3339, which seat maps do not have.
 * @throws InputError when designators repeat, prices are in several currencies, or nothing is sold.
 */
export function flightSlot(map: SeatMap, startsAt: string): FlightSlot {
  const currency = currencyOf(map);
  const seats = map.cabins.flatMap((cabin, index) => {
    // Cabins are drawn one behind the other.
    const firstRow = map.cabins.slice(0, index).reduce((sum, { rows }) => sum + rows.length, 0);
    return seatsOf(cabin, { section: cabinName(map, cabin), firstRow, currency });
  });
  const ids = new Set<string>();
  for (const { unit } of seats) {
    if (ids.has(unit.unitId)) throw new InputError(`seat map ${map.id}: there are two seats ${unit.unitId}`);
    ids.add(unit.unitId);
  }
  const dearest = dearestByCategory(seats);
  const highest = Math.max(...dearest.values());
  const blocked = new Map<BlockReason, string[]>();
  for (const { unit, reason } of seats) {
    if (reason !== null) blocked.set(reason, [...(blocked.get(reason) ?? []), unit.unitId]);
  }
  const units = seats.map(({ unit, price }): UnitInput => ({ ...unit, price: price ?? dearest.get(unit.category ?? '') ?? highest }));
  return { slot: { ...describe(map), startsAt, currency, units, policy: { acceptPast: true } }, blocked };
}

function describe(map: SeatMap): Pick<FlightSlot['slot'], 'slotId' | 'category' | 'title' | 'metadata'> {
  const wings = map.cabins.flatMap(({ wings }) => (wings == null ? [] : [`${wings.first_row_index}-${wings.last_row_index}`]));
  const metadata: [string, string][] = [
    ['seatMapId', map.id],
    ['segmentId', map.segment_id ?? ''],
    ['sliceId', map.slice_id ?? ''],
    ['wingRows', wings.join(' ')],
  ];
  return {
    slotId: idPart(map.id, MAX_SLOT_ID),
    category: 'flight',
    title: `Flight ${map.segment_id ?? map.id}`,
    metadata: Object.fromEntries(metadata.filter(([, value]) => value !== '')),
  };
}

function seatsOf(cabin: Cabin, { section, firstRow, currency }: { section: string; firstRow: number; currency: string }): Seat[] {
  const restrictedNames = nameRestrictedSeats(cabin);
  const widths = sectionWidths(cabin);
  return cabin.rows.flatMap((row, rowIndex) => {
    const nameless = rowNumber(row) ?? `row-${rowIndex + 1}`;
    return row.sections.flatMap(({ elements }, sectionIndex) => {
      // Sections start at the same x in every row, one aisle's width after the widest one to the left.
      const left = widths.slice(0, sectionIndex).reduce((sum, width) => sum + width + 1, 0);
      const idOf = (element: Element, place: number) =>
        restrictedNames.get(element) ?? element.designator ?? element.id ?? `seat-${rowIndex}-${left + place}`;
      return elements.flatMap((element, place): Seat[] => {
        if (!isSeat(element)) return [];
        const unitId = idOf(element, place);
        const seat = splitDesignator(unitId);
        const rowName = seat?.row ?? nameless;
        // An aisle, a wall, a hole or a seat of another row follows: the next seat of this row is no neighbour.
        const next = elements[place + 1];
        const gapAfter = !isSeat(next) || (splitDesignator(idOf(next, place + 1))?.row ?? nameless) !== rowName;
        const unit = {
          unitId,
          category: categoryOf(cabin, element),
          section,
          row: rowName,
          number: seat?.letter ?? String(left + place + 1),
          x: left + place,
          y: firstRow + rowIndex,
          ...(gapAfter ? { gapAfter } : {}),
          ...notesOf(element),
        };
        const price = lowestPrice(element, currency);
        return [{ unit, price, reason: isRestrictedSeat(element) ? 'restricted' : price === null ? 'not offered' : null }];
      });
    });
  });
}

function isSeat(element: Element | undefined): element is Element {
  return element !== undefined && (element.type === 'seat' || isRestrictedSeat(element));
}

function sectionWidths(cabin: Cabin): readonly number[] {
  const widths: number[] = [];
  for (const { sections } of cabin.rows) {
    for (const [index, { elements }] of sections.entries()) widths[index] = Math.max(widths[index] ?? 0, elements.length);
  }
  return widths;
}

/** Decks and several cabins of one class keep apart, because rows are told apart within a section. */
function cabinName(map: SeatMap, cabin: Cabin): string {
  const alike = map.cabins.filter(({ cabin_class }) => cabin_class === cabin.cabin_class);
  return alike.length === 1 ? cabin.cabin_class : `${cabin.cabin_class}-${alike.indexOf(cabin) + 1}`;
}

function categoryOf(cabin: Cabin, { name }: Element): string {
  if (name == null || name === ORDINARY_SEAT) return cabin.cabin_class;
  return `${cabin.cabin_class}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 64);
}

function notesOf({ name, disclosures }: Element): { metadata?: Record<string, string> } {
  const notes: [string, string][] = [
    ['name', name ?? ''],
    ['disclosures', (disclosures ?? []).join('; ')],
  ];
  const metadata = Object.fromEntries(notes.filter(([, value]) => value !== '').map(([key, value]) => [key, value.slice(0, 500)]));
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

function lowestPrice({ available_services }: Element, currency: string): number | null {
  const prices = (available_services ?? []).map(({ total_amount }) => minorUnits(total_amount, currency));
  return prices.length === 0 ? null : Math.min(...prices);
}

function dearestByCategory(seats: readonly Seat[]): ReadonlyMap<string, number> {
  const dearest = new Map<string, number>();
  for (const { unit, price } of seats) {
    if (price !== null) dearest.set(unit.category ?? '', Math.max(price, dearest.get(unit.category ?? '') ?? 0));
  }
  return dearest;
}

function currencyOf(map: SeatMap): string {
  const elements = map.cabins.flatMap(({ rows }) => rows.flatMap(({ sections }) => sections.flatMap((section) => section.elements)));
  const currencies = new Set(elements.flatMap((element) => (element.available_services ?? []).map(({ total_currency }) => total_currency)));
  if (currencies.size > 1) throw new InputError(`seat map ${map.id}: prices are in several currencies (${[...currencies].join(', ')})`);
  const [currency] = currencies;
  if (currency === undefined) throw new InputError(`seat map ${map.id}: it sells no seat, so there is no price and no currency`);
  return currency;
}
