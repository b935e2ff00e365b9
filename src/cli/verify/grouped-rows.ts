import type { Row } from '../../projections/projection.ts';

/**
 * Rows that come in the order of a group (such as a slot's id), handed out group by group to a caller
 * that goes through all groups in the same order. What lies between is nobody's and is told as stray.
 * Only one group is in memory at a time.
 */
export class GroupedRows {
  private readonly rows: AsyncIterator<Row>;
  private readonly groupOf: (row: Row) => string;
  private readonly onStray: (row: Row) => void;
  private ahead: Row | null = null;
  private ended = false;

  constructor(rows: AsyncIterator<Row>, groupOf: (row: Row) => string, onStray: (row: Row) => void) {
    this.rows = rows;
    this.groupOf = groupOf;
    this.onStray = onStray;
  }

  /** The rows of the group. Groups must be asked for in ascending order of their bytes. */
  async take(group: string): Promise<readonly Row[]> {
    const found: Row[] = [];
    for (let row = await this.peek(); row !== null; row = await this.peek()) {
      const order = byteOrder(this.groupOf(row), group);
      if (order > 0) break;
      if (order < 0) this.onStray(row);
      else found.push(row);
      this.ahead = null;
    }
    return found;
  }

  /** All that is left is nobody's. */
  async finish(): Promise<void> {
    for (let row = await this.peek(); row !== null; row = await this.peek()) {
      this.onStray(row);
      this.ahead = null;
    }
  }

  private async peek(): Promise<Row | null> {
    if (this.ahead !== null || this.ended) return this.ahead;
    const next = await this.rows.next();
    if (next.done === true) this.ended = true;
    else this.ahead = next.value;
    return this.ahead;
  }
}

/** The order of PostgreSQL's collation "C" in UTF-8, which is not that of JavaScript's strings. */
export function byteOrder(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
