/** Where a page ended: the sort key and the id of its last item, under the sort that they belong to. */
export interface PageEnd {
  readonly sort: string;
  /** Null stands behind every number. */
  readonly value: number | null;
  readonly id: string;
}

/** No sort key goes so far: not instants in milliseconds, not prices, not places. Every key up to here can be an instant in the database. */
const MOST = 1e14;

export function encodeCursor({ sort, value, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** The page's end, or null when the text is not a cursor under this sort. */
export function decodeCursor(cursor: string, sort: string): PageEnd | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 3) return null;
    const [cursorSort, value, id] = parts as readonly unknown[];
    const isValue = value === null || (typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= MOST);
    if (cursorSort !== sort || !isValue || typeof id !== 'string' || id.length > 300 || id.includes('\0')) return null;
    return { sort, value: value as number | null, id };
  } catch {
    return null;
  }
}
