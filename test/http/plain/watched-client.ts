import { connect, type Socket } from 'node:net';

/** A client of which is known what it was sent, and whether its connection is closed. */
export class WatchedClient {
  readonly socket: Socket;
  /** Bytes so far. */
  received = 0;
  /** What came first, some hundred bytes of it. */
  text = '';
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => undefined);
    this.socket.on('data', (bytes: Buffer) => {
      this.received += bytes.length;
      if (this.received < 1_000) this.text += bytes.toString();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }
}
