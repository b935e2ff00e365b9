import type { Channel } from './channel.ts';
import type { ByeReason, LivePoint, LiveSink, LiveText } from './live-maps.ts';

/** What was sent may take so many milliseconds for each byte on its way: 64 KiB a second. */
const MS_PER_BYTE = 1_000 / (64 * 1024);

/** What holds for every client of a process. */
export interface WatchTerms {
  /** How long a client may leave unread what it was sent, in milliseconds, beside the time that the bytes take. */
  readonly patienceMs: number;
  /** Called for each state or change that was sent. */
  onSent(): void;
}

/**
 * One client of a channel. Nothing waits in line for it: while it has not taken in what it was sent it
 * is sent nothing, and afterwards all that is new to it in one piece. So it never costs more memory than
 * one state, and one that is merely slow gets fewer, larger pieces.
 */
export class Watcher {
  private readonly channel: Channel;
  private readonly sink: LiveSink;
  private readonly text: LiveText;
  private readonly terms: WatchTerms;
  private version = 0;
  private epoch = 0;
  private recounts = 0;
  /** When it will have been patient enough with a client that does not read, on the process's own clock; null for one that reads. */
  private patientUntil: number | null = null;
  private ended = false;

  constructor(parts: { readonly channel: Channel; readonly sink: LiveSink; readonly text: LiveText; readonly terms: WatchTerms }) {
    this.channel = parts.channel;
    this.sink = parts.sink;
    this.text = parts.text;
    this.terms = parts.terms;
  }

  /** @param after what the client has; null when it needs the whole state. */
  begin(after: LivePoint | null): void {
    const { channel } = this;
    this.wrote(this.text.hello());
    if (after === null || !channel.canResume(after.version)) this.send(channel.reset());
    else if (after.lacksCounts || after.version !== channel.version || channel.recounts > 0) this.send(channel.since(after.version));
    this.isAt(channel);
  }

  /** Sends what is new, unless the client has not taken in the last there was. */
  pump(): void {
    const { channel } = this;
    if (this.patientUntil !== null || this.ended) return;
    if (this.epoch !== channel.epoch) this.send(channel.reset());
    else if (this.version !== channel.version || this.recounts !== channel.recounts) this.send(channel.since(this.version));
  }

  drained(): void {
    this.patientUntil = null;
    this.pump();
  }

  heartbeat(bytes: Buffer): void {
    if (this.patientUntil === null && !this.ended) this.wrote(bytes);
  }

  /** Whether the client has not read for too long. @param now `performance.now()`. */
  isStuck(now: number): boolean {
    return this.patientUntil !== null && now >= this.patientUntil;
  }

  /** Tells what is left to tell, and ends. */
  bye(reason: ByeReason): void {
    if (this.ended) return;
    this.pump();
    this.ended = true;
    this.sink.end(this.text.bye(this.channel.state, reason));
  }

  /** The client is not there any more. */
  leave(): void {
    this.ended = true;
  }

  private send(bytes: Buffer): void {
    this.isAt(this.channel);
    this.terms.onSent();
    this.wrote(bytes);
  }

  private isAt({ version, epoch, recounts }: Channel): void {
    this.version = version;
    this.epoch = epoch;
    this.recounts = recounts;
  }

  private wrote(bytes: Buffer): void {
    if (this.sink.write(bytes)) return;
    this.patientUntil = performance.now() + this.terms.patienceMs + bytes.length * MS_PER_BYTE;
  }
}
