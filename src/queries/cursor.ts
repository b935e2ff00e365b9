/** Where a page ended: the sort keys and the id of its last item, under the sort that they belong to. */
export interface PageEnd {
  readonly sort: string;
  /** Most significant first. Null stands behind every number. */
  readonly values: readonly (number | null)[];
  readonly id: string;
  /** What was searched for instead of what was asked, when nothing had been found under that. */
  readonly text?: string;
}

/** No sort key goes so far: not instants in milliseconds, not prices, not places. Every key up to here can be an instant in the database. */
const MOST = 1e14;
const MAX_VALUES = 2;
const MAX_CHARACTERS = 300;

export function encodeCursor({ sort, values, id, text }: PageEnd): string {
  return Buffer.from(JSON.stringify(text === undefined ? [sort, values, id] : [sort, values, id, text])).toString('base64url');
}

/** The page's end, or null when the text is not a cursor under this sort. */
export function decodeCursor(cursor: string, sort: string): PageEnd | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length < 3 || parts.length > 4) return null;
    const [cursorSort, values, id, text] = parts as readonly unknown[];
    if (cursorSort !== sort || !areValues(values) || !isShortText(id)) return null;
    if (parts.length === 3) return { sort, values, id };
    return isShortText(text) ? { sort, values, id, text } : null;
  } catch {
    return null;
  }
}

function areValues(values: unknown): values is readonly (number | null)[] {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_VALUES) return false;
  return values.every((value) => value === null || (typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= MOST));
}

function isShortText(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_CHARACTERS && !text.includes('\0');
}
