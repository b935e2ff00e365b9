import { SLOT_CLAIMS, SLOT_UNITS, SLOTS, type SlotClaimRow, type SlotRow, type SlotUnitRow } from '../inventory/tables.ts';
import type { Key, Projection, Row, Table } from '../projection.ts';

/** What a hash has besides rows. None of these begins as a row's field does. */
export const META = { epoch: 'epoch', version: 'version', position: 'position', from: 'from', filling: 'filling' } as const;

const SLOT_FIELD = 'slot';
const UNIT_PREFIX = 'u:';
const CLAIM_PREFIX = 'c:';

export interface DecodedRows {
  readonly slot: SlotRow | null;
  readonly units: readonly SlotUnitRow[];
  readonly claims: readonly SlotClaimRow[];
}

/**
 * A slot's rows as fields of a hash: one for the slot, one per unit row, one per claim. A value is the row's
 * columns as a JSON array in the table's order, without the slot's id, which is in the key.
 */
export class SlotCodec {
  private readonly properties: ReadonlyMap<string, readonly string[]>;

  /** @param projection the definition that makes the rows: its tables tell which columns there are. */
  constructor(projection: Projection) {
    this.properties = new Map(
      projection.tables.map(({ table }) => [table.name, Object.keys(table.columns).filter((property) => property !== 'slotId')]),
    );
  }

  /** @throws for a table that is not about one slot. */
  field({ name }: Pick<Table<Row>, 'name'>, [, ...key]: Key): string {
    switch (name) {
      case SLOTS.name:
        return SLOT_FIELD;
      case SLOT_UNITS.name:
        return `${UNIT_PREFIX}${key[0]}`;
      case SLOT_CLAIMS.name:
        return `${CLAIM_PREFIX}${JSON.stringify(key)}`;
      default:
        throw new Error(`slots in Redis have no rows of ${name}`);
    }
  }

  fieldOfRow(table: Pick<Table<Row>, 'name' | 'key'>, row: Row): string {
    return this.field(
      table,
      table.key.map((property) => row[property] as string | number),
    );
  }

  encode({ name }: Pick<Table<Row>, 'name'>, row: Row): string {
    return JSON.stringify(this.propertiesOf(name).map((property) => row[property]));
  }

  decode({ name }: Pick<Table<Row>, 'name'>, slotId: string, texts: readonly string[]): readonly Row[] {
    const properties = this.propertiesOf(name);
    // One text for all of them: parsing it costs much less than parsing each.
    const tuples = JSON.parse(`[${texts.join(',')}]`) as readonly (readonly unknown[])[];
    return tuples.map((tuple) => {
      const row: Record<string, unknown> = { slotId };
      for (let column = 0; column < properties.length; column += 1) row[properties[column] as string] = tuple[column];
      return row;
    });
  }

  decodeAll(slotId: string, hash: Readonly<Record<string, string>>): DecodedRows {
    const slots: string[] = [];
    const units: string[] = [];
    const claims: string[] = [];
    for (const field in hash) {
      const text = hash[field] as string;
      if (field.startsWith(UNIT_PREFIX)) units.push(text);
      else if (field.startsWith(CLAIM_PREFIX)) claims.push(text);
      else if (field === SLOT_FIELD) slots.push(text);
    }
    const [slot = null] = this.decode(SLOTS, slotId, slots) as readonly SlotRow[];
    const inOrder = [...(this.decode(SLOT_UNITS, slotId, units) as readonly SlotUnitRow[])].sort(byPlace);
    return { slot, units: inOrder, claims: this.decode(SLOT_CLAIMS, slotId, claims) as readonly SlotClaimRow[] };
  }

  private propertiesOf(table: string): readonly string[] {
    const properties = this.properties.get(table);
    if (properties === undefined) throw new Error(`the projection has no table ${table}`);
    return properties;
  }
}

/** The order of adding; a hash does not keep any. */
function byPlace(left: SlotUnitRow, right: SlotUnitRow): number {
  return (left.chunk ?? 0) - (right.chunk ?? 0) || (left.place ?? 0) - (right.place ?? 0);
}
