import pg from 'pg';
import { type Column, columnName, type Row, type Table } from '../projection.ts';
import { columnsOf } from '../table-sql.ts';

const COPY_TIMEOUT_MS = 300_000;
/** Characters of one message to the server. */
const CHUNK = 256 * 1024;

/** What the driver's connection can do beyond its published type. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN` whose data are at hand. */
class CopyIn extends pg.Query {
  /** Read by the driver, in milliseconds. */
  readonly query_timeout = COPY_TIMEOUT_MS;
  private readonly chunks: readonly string[];

  constructor(text: string, chunks: readonly string[], done: (error: Error | null) => void) {
    super({ text }, done);
    this.chunks = chunks;
  }

  /** Called by the driver once the server waits for data. */
  handleCopyInResponse(connection: CopyConnection): void {
    for (const chunk of this.chunks) connection.sendCopyFromChunk(Buffer.from(chunk));
    connection.endCopyFrom();
  }
}

/** Adds rows that are not there yet, by COPY. */
export function copyRows(connection: pg.ClientBase, name: string, table: Table<Row>, rows: readonly Row[]): Promise<void> {
  const columns = columnsOf(table);
  const text = `COPY ${name} (${columns.map(([property]) => columnName(property)).join(', ')}) FROM STDIN`;
  const chunks = chunksOf(columns, rows);
  return new Promise((resolve, reject) => {
    connection.query(new CopyIn(text, chunks, (error) => (error === null || error === undefined ? resolve() : reject(error))));
  });
}

function chunksOf(columns: readonly [string, Column][], rows: readonly Row[]): readonly string[] {
  const chunks: string[] = [];
  let chunk = '';
  for (const row of rows) {
    let separator = '';
    for (const [property, column] of columns) {
      chunk += separator + copyText(column, row[property]);
      separator = '\t';
    }
    chunk += '\n';
    if (chunk.length > CHUNK) {
      chunks.push(chunk);
      chunk = '';
    }
  }
  chunks.push(chunk);
  return chunks;
}

/** A value in COPY's text format. */
export function copyText({ type }: Column, value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  switch (type) {
    case 'integer':
    case 'real':
      return String(value);
    case 'boolean':
      return value === true ? 't' : 'f';
    case 'instant':
      return instantText(Number(value));
    case 'json':
      return escaped(JSON.stringify(value));
    case 'words':
      return escaped(`{${(value as readonly string[]).map((one) => `"${one.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`);
    default:
      return escaped(String(value));
  }
}

function escaped(text: string): string {
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : text;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Epoch milliseconds as PostgreSQL reads it: without signs for years beyond 9999, and with BC before year 1. */
function instantText(instant: number): string {
  const text = new Date(instant).toISOString();
  if (text.length === 24 && !text.startsWith('0000')) return text;
  const [, sign, year, rest] = /^([+-]?)(\d+)(-.*)$/.exec(text) ?? [];
  const number = Number(`${sign}${year}`);
  return number > 0 ? `${number}${rest}` : `${String(1 - number).padStart(4, '0')}${rest} BC`;
}
