import { once } from 'node:events';
import type { Writable } from 'node:stream';
import pg from 'pg';

/** Bytes in front of the data of a message: its kind and its length. */
export const MESSAGE_HEAD = 5;
const DATA = 'd'.charCodeAt(0);

/** What the driver's connection can do beyond its published type. */
interface CopyConnection {
  readonly stream: Writable;
  endCopyFrom(): void;
}

/** The driver's query, which tells when the server waits for data. */
class CopyQuery extends pg.Query {
  private readonly begun: (connection: CopyConnection) => void;

  constructor(text: string, begun: (connection: CopyConnection) => void, done: (error: Error | null) => void) {
    super({ text }, done);
    this.begun = begun;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.begun(connection);
  }
}

/** A `COPY … FROM STDIN` that is fed while its data are made. Nothing else may be asked of the client until it has ended. */
export class CopyIn {
  private readonly connection: CopyConnection;
  private readonly ended: Promise<void>;
  private room: Promise<unknown> = Promise.resolve();

  private constructor(connection: CopyConnection, ended: Promise<void>) {
    this.connection = connection;
    this.ended = ended;
  }

  /** @throws what the database says to the statement. */
  static begin(client: pg.Client, text: string): Promise<CopyIn> {
    return new Promise((resolve, reject) => {
      const ended = new Promise<void>((end, fail) => {
        const done = (error: Error | null) => (error === null || error === undefined ? end() : fail(error));
        client.query(new CopyQuery(text, (connection) => resolve(new CopyIn(connection, ended)), done));
      });
      ended.catch(reject);
    });
  }

  /**
   * Takes the message away once the one before it is on its way, so that the next can be made meanwhile.
   *
   * @param message has room for its head in front, and belongs to the connection from here on.
   */
  async send(message: Buffer): Promise<void> {
    message.writeUInt8(DATA, 0);
    message.writeInt32BE(message.length - 1, 1);
    await Promise.race([this.room, this.ended]);
    const { stream } = this.connection;
    if (!stream.write(message)) this.room = Promise.race([once(stream, 'drain'), this.ended]);
    // Whoever comes next is told of a failure; until then it must not count as unhandled.
    this.room.catch(() => undefined);
  }

  /** @throws what the database says to the data. */
  async end(): Promise<void> {
    this.connection.endCopyFrom();
    await this.ended;
  }
}
