import { once } from 'node:events';
import type { Writable } from 'node:stream';
import pg from 'pg';
import { type Column, columnName, type Row, type Table } from '../projection.ts';
import { columnsOf } from '../table-sql.ts';

const COPY_TIMEOUT_MS = 300_000;
/** Characters of one message to the server, and of what is made in one turn of the event loop: some thousand rows. */
const CHUNK = 128 * 1024;

/** What the driver's connection can do beyond its published type. */
interface CopyConnection {
  readonly stream: Writable;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** A value is none that its column could take. The server is never asked, and only knows that the copy was given up. */
export class UnwritableRowError extends Error {
  override readonly name = 'UnwritableRowError';
}

/** `COPY … FROM STDIN`, whose data are made while they are sent. */
class CopyIn extends pg.Query {
  /** Read by the driver, in milliseconds. */
  readonly query_timeout = COPY_TIMEOUT_MS;
  /** Why the copy was given up on this side. */
  gaveUp: UnwritableRowError | null = null;
  private readonly chunks: Iterable<string>;
  private readonly ended: AbortSignal;

  constructor(text: string, chunks: Iterable<string>, ended: AbortSignal, done: (error: Error | null) => void) {
    super({ text }, done);
    this.chunks = chunks;
    this.ended = ended;
  }

  /** Called by the driver once the server waits for data. */
  handleCopyInResponse(connection: CopyConnection): void {
    this.send(connection).catch((error: unknown) => {
      if (error instanceof UnwritableRowError) this.gaveUp = error;
      if (!this.ended.aborted) connection.sendCopyFail(String(error));
    });
  }

  /** Lets others have their turn after each chunk, and the server catch up. */
  private async send(connection: CopyConnection): Promise<void> {
    for (const chunk of this.chunks) {
      if (this.ended.aborted) return;
      connection.sendCopyFromChunk(Buffer.from(chunk));
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain', { signal: this.ended });
      else await new Promise((resolve) => setImmediate(resolve));
    }
    if (!this.ended.aborted) connection.endCopyFrom();
  }
}

/** Adds rows that are not there yet, by COPY. @throws UnwritableRowError, and what the database throws. */
export function copyRows(connection: pg.ClientBase, name: string, table: Table<Row>, rows: readonly Row[]): Promise<void> {
  const columns = columnsOf(table);
  const text = `COPY ${name} (${columns.map(([property]) => columnName(property)).join(', ')}) FROM STDIN`;
  const ending = new AbortController();
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => {
      ending.abort();
      if (error === null || error === undefined) resolve();
      else reject(copy.gaveUp ?? error);
    };
    const copy = new CopyIn(text, chunksOf(columns, rows), ending.signal, done);
    connection.query(copy);
  });
}

function* chunksOf(columns: readonly [string, Column][], rows: readonly Row[]): Iterable<string> {
  let lines: string[] = [];
  let characters = 0;
  for (const row of rows) {
    // Joined a line at a time: put together piece by piece it costs half as much again.
    const line = columns.map(([property, column]) => textOf(property, column, row[property])).join('\t');
    lines.push(line);
    characters += line.length;
    if (characters > CHUNK) {
      yield `${lines.join('\n')}\n`;
      lines = [];
      characters = 0;
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

function textOf(property: string, column: Column, value: unknown): string {
  try {
    return copyText(column, value);
  } catch (error) {
    throw new UnwritableRowError(`${columnName(property)} takes no such value: ${error instanceof Error ? error.message : error}`);
  }
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

/** In a rush the same few instants are written again and again. */
const REMEMBERED_INSTANTS = 256;
const written: { readonly instant: number; readonly text: string }[] = [];

function instantText(instant: number): string {
  const place = Math.abs(instant) % REMEMBERED_INSTANTS;
  let known = written[place];
  if (known?.instant !== instant) {
    known = { instant, text: textOfInstant(instant) };
    written[place] = known;
  }
  return known.text;
}

/** Epoch milliseconds as PostgreSQL reads it: without signs for years beyond 9999, and with BC before year 1. */
function textOfInstant(instant: number): string {
  const text = new Date(instant).toISOString();
  if (text.length === 24 && !text.startsWith('0000')) return text;
  const [, sign, year, rest] = /^([+-]?)(\d+)(-.*)$/.exec(text) ?? [];
  const number = Number(`${sign}${year}`);
  return number > 0 ? `${number}${rest}` : `${String(1 - number).padStart(4, '0')}${rest} BC`;
}
