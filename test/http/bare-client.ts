import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire; a character for each byte. */
export interface BareAnswer {
  readonly status: number;
  /** The status line and the headers. */
  readonly head: string;
  readonly body: string;
}

/** A client on one bare connection, so that the test decides when its bytes leave. */
export class BareClient {
  readonly socket: Socket;
  /** Resolves with all that was received, when the server has ended the connection. */
  readonly ended: Promise<string>;
  private received = '';
  /** Called when something has arrived, or nothing will any more. */
  private tell: () => void = () => undefined;

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay();
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
      this.tell();
    });
    this.ended = new Promise((resolve, reject) => this.socket.on('error', reject).on('close', () => resolve(this.received)));
    this.socket.on('close', () => this.tell());
    // Who waits for answers alone is told by them.
    this.ended.catch(() => undefined);
  }

  /** All that was received so far. */
  get text(): string {
    return this.received;
  }

  /** The complete answers of it. */
  get answered(): readonly BareAnswer[] {
    return answersIn(this.received);
  }

  /** Resolves with the answers when so many are complete. */
  async answers(count = 1): Promise<readonly BareAnswer[]> {
    while (this.answered.length < count) {
      if (this.socket.closed) throw new Error(`The connection was closed after ${JSON.stringify(this.received.slice(-2_000))}.`);
      await new Promise<void>((resolve) => {
        this.tell = resolve;
      });
    }
    return this.answered;
  }

  /** Sends a request, and resolves with its answer, before which so many others came. */
  async ask(bytes: string, before = this.answered.length): Promise<BareAnswer> {
    this.socket.write(bytes, 'latin1');
    return (await this.answers(before + 1))[before] as BareAnswer;
  }
}

/** The complete answers in what was received; of those without a length, which have no body, the head is all. */
export function answersIn(received: string): readonly BareAnswer[] {
  const answers: BareAnswer[] = [];
  let at = 0;
  for (;;) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end < 0) return answers;
    const head = received.slice(at, end);
    const bodyAt = end + 4;
    at = bodyAt + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (at > received.length) return answers;
    answers.push({ status: Number(head.split(' ')[1]), head, body: received.slice(bodyAt, at) });
  }
}
