import type { PriceBasis, Unit } from '../../domain/unit.ts';
import { type Column, nullable, word } from '../projection.ts';

/** A unit's attributes as columns. Category is null only where a row inherits all of them. */
export type UnitColumns = {
  readonly unitId: string;
  readonly category: string | null;
  readonly price: number | null;
  readonly priceBasis: PriceBasis | null;
  readonly capacity: number | null;
  readonly section: string | null;
  readonly seatRow: string | null;
  readonly seatNumber: string | null;
  readonly x: number | null;
  readonly y: number | null;
  readonly accessible: boolean | null;
  readonly gapAfter: boolean | null;
  readonly availableFrom: number | null;
  readonly availableUntil: number | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
};

export const UNIT_COLUMNS: { readonly [Property in keyof UnitColumns]: Column } = {
  unitId: word('Identifier of the unit within its slot or layout'),
  category: nullable('text', 'Price category'),
  price: nullable('integer', 'Price of the unit itself in minor units'),
  priceBasis: nullable('text', 'What the price buys: claim (null), stop, hour or day'),
  capacity: nullable('integer', 'Capacity of a quantity unit; null for a numbered unit'),
  section: nullable('text', 'Section of the house'),
  seatRow: nullable('text', 'Row within the section'),
  seatNumber: nullable('text', 'Number on the seat'),
  x: nullable('real', 'Coordinate for drawing'),
  y: nullable('real', 'Coordinate for drawing'),
  accessible: nullable('boolean', 'Whether the seat is meant for people with reduced mobility'),
  gapAfter: nullable('boolean', 'Whether an aisle follows'),
  availableFrom: nullable('instant', 'Not on offer before'),
  availableUntil: nullable('instant', 'Not on offer from then on'),
  reference: nullable('word', 'Reference of the operator'),
  metadata: nullable('json', 'Names and values of the operator'),
};

export function columnsOfUnit(unit: Unit): UnitColumns {
  return {
    unitId: unit.unitId,
    category: unit.category,
    price: unit.price ?? null,
    priceBasis: unit.priceBasis ?? null,
    capacity: unit.capacity ?? null,
    section: unit.section ?? null,
    seatRow: unit.row ?? null,
    seatNumber: unit.number ?? null,
    x: unit.x ?? null,
    y: unit.y ?? null,
    accessible: unit.accessible ?? null,
    gapAfter: unit.gapAfter ?? null,
    availableFrom: unit.availableFrom ?? null,
    availableUntil: unit.availableUntil ?? null,
    reference: unit.reference ?? null,
    metadata: unit.metadata ?? null,
  };
}

type Writable<Type> = { -readonly [Property in keyof Type]: Type[Property] };

/** The unit again; a null column is an absent attribute. Written out, because thousands at a time are made of rows. */
export function unitOfColumns(columns: UnitColumns): Unit {
  const { unitId, category } = columns;
  if (category === null) throw new Error(`unit ${unitId} inherits its attributes`);
  const unit: Writable<Unit> = { unitId, category };
  if (columns.price !== null) unit.price = columns.price;
  if (columns.priceBasis !== null) unit.priceBasis = columns.priceBasis;
  if (columns.capacity !== null) unit.capacity = columns.capacity;
  if (columns.section !== null) unit.section = columns.section;
  if (columns.seatRow !== null) unit.row = columns.seatRow;
  if (columns.seatNumber !== null) unit.number = columns.seatNumber;
  if (columns.x !== null) unit.x = columns.x;
  if (columns.y !== null) unit.y = columns.y;
  if (columns.accessible !== null) unit.accessible = columns.accessible;
  if (columns.gapAfter !== null) unit.gapAfter = columns.gapAfter;
  if (columns.availableFrom !== null) unit.availableFrom = columns.availableFrom;
  if (columns.availableUntil !== null) unit.availableUntil = columns.availableUntil;
  if (columns.reference !== null) unit.reference = columns.reference;
  if (columns.metadata !== null) unit.metadata = columns.metadata;
  return unit;
}
