import { SLOT_CLAIMS, SLOT_UNITS, SLOTS, type SlotClaimRow, type SlotRow, type SlotUnitRow } from '../inventory/tables.ts';
import type { Key, Projection, Row, Table } from '../projection.ts';
import { type RowMaker, rowMaker } from '../row-maker.ts';

/** What a hash has besides rows; their values are numbers. */
export const META = { epoch: 'epoch', version: 'version', position: 'position', from: 'from' } as const;

/**
 * Most rows of a slot in Redis. A read of so many took 20 ms by itself, one of twice as many 40, and while it puts them together Redis
 * does nothing else: so it answers well within the 150 ms that a read waits, also behind others. A slot of more is left to PostgreSQL.
 */
export const MAX_ROWS = 10_000;

/** By the names of the tables: the first element of a row's value, which tells its kind. */
const KINDS: Readonly<Record<string, number>> = { [SLOTS.name]: 0, [SLOT_UNITS.name]: 1, [SLOT_CLAIMS.name]: 2 };

export interface DecodedRows {
  readonly slot: SlotRow | null;
  readonly units: readonly SlotUnitRow[];
  readonly claims: readonly SlotClaimRow[];
}

/**
 * A slot's rows as fields of a hash: one for the slot, one per unit row, one per claim. A value is a JSON array:
 * the row's kind, then its columns in the table's order, without the slot's id, which is in the key.
 */
export class SlotCodec {
  private readonly tables: ReadonlyMap<string, { readonly kind: number; readonly properties: readonly string[]; readonly make: RowMaker }>;
  /** By kind. */
  private readonly makers: readonly RowMaker[];

  /** @param projection the definition that makes the rows: its tables tell which columns there are. */
  constructor(projection: Projection) {
    this.tables = new Map(
      projection.tables.flatMap(({ table: { name, columns } }) => {
        const kind = KINDS[name];
        const properties = Object.keys(columns).filter((property) => property !== 'slotId');
        return kind === undefined ? [] : [[name, { kind, properties, make: rowMaker(['slotId', ...properties]) }]];
      }),
    );
    this.makers = [SLOTS, SLOT_UNITS, SLOT_CLAIMS].map(({ name }) => this.tableOf(name).make);
  }

  /** @throws for a table that is not about one slot. */
  field({ name }: Pick<Table<Row>, 'name'>, [, ...key]: Key): string {
    switch (this.tableOf(name).kind) {
      case 0:
        return 'slot';
      case 1:
        return `u:${key[0]}`;
      default:
        return `c:${JSON.stringify(key)}`;
    }
  }

  fieldOfRow(table: Pick<Table<Row>, 'name' | 'key'>, row: Row): string {
    return this.field(
      table,
      table.key.map((property) => row[property] as string | number),
    );
  }

  encode({ name }: Pick<Table<Row>, 'name'>, row: Row): string {
    const { kind, properties } = this.tableOf(name);
    return JSON.stringify([kind, ...properties.map((property) => row[property])]);
  }

  /** @param texts values of the table's rows, with commas between them. */
  decode({ name }: Pick<Table<Row>, 'name'>, slotId: string, texts: string): readonly Row[] {
    const { make } = this.tableOf(name);
    return (JSON.parse(`[${texts}]`) as unknown[][]).map((tuple) => made(make, slotId, tuple));
  }

  /** @param values all values of a hash, parsed; they are taken apart, and of no use afterwards. */
  rowsOf(slotId: string, values: readonly unknown[]): DecodedRows {
    const rows: [SlotRow[], SlotUnitRow[], SlotClaimRow[]] = [[], [], []];
    for (const value of values) {
      if (!Array.isArray(value)) continue;
      const kind = value[0] as number;
      (rows[kind] as Row[] | undefined)?.push(made(this.makers[kind] as RowMaker, slotId, value));
    }
    const [[slot = null], units, claims] = rows;
    return { slot, units: units.sort(byPlace), claims };
  }

  private tableOf(name: string) {
    const table = this.tables.get(name);
    if (table === undefined) throw new Error(`slots in Redis have no rows of ${name}`);
    return table;
  }
}

/** The kind makes room for the slot's id. */
function made(make: RowMaker, slotId: string, tuple: unknown[]): Row {
  tuple[0] = slotId;
  return make(tuple);
}

/** The order of adding; a hash does not keep any. */
function byPlace(left: SlotUnitRow, right: SlotUnitRow): number {
  return (left.chunk ?? 0) - (right.chunk ?? 0) || (left.place ?? 0) - (right.place ?? 0);
}
