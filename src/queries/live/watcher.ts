import type { Channel, Told, Whole } from './channel.ts';
import type { ByeReason, LivePoint, LiveSink, LiveText } from './live-maps.ts';
import type { Holder, Unread } from './unread.ts';

/** What was sent may take so many milliseconds for each byte on its way: 64 KiB a second. */
const MS_PER_BYTE = 1_000 / (64 * 1024);

/** What holds for every client of a process. */
export interface WatchTerms {
  /** How long a client may leave unread what it was sent, in milliseconds, beside the time that the bytes take. */
  readonly patienceMs: number;
  /** Where clients that do not read are told of. */
  readonly unread: Unread;
  /** Called for each state or change that was sent. */
  onSent(): void;
  /** Called when a client was cut off, because there was too much that nobody reads. */
  onCut(): void;
}

/**
 * One client of a channel. Nothing waits in line for it: while it has not taken in what it was sent it
 * is sent nothing, and afterwards all that is new to it in one piece. So it never costs more memory than
 * one state, and one that is merely slow gets fewer, larger pieces.
 */
export class Watcher implements Holder {
  private readonly channel: Channel;
  private readonly sink: LiveSink;
  private readonly text: LiveText;
  private readonly terms: WatchTerms;
  private told: Told = { version: 0, epoch: 0, recounts: 0 };
  /** What it was sent last, while it has not read it. */
  private unread: Buffer | null = null;
  /** When it will have been patient enough with a client that does not read, on the process's own clock; null for one that reads. */
  private patientUntil: number | null = null;
  private ended = false;

  constructor(parts: { readonly channel: Channel; readonly sink: LiveSink; readonly text: LiveText; readonly terms: WatchTerms }) {
    this.channel = parts.channel;
    this.sink = parts.sink;
    this.text = parts.text;
    this.terms = parts.terms;
  }

  /**
   * @param after what the client has; null when it needs the whole state.
   * @param atLeast the version of the whole state that it may be given.
   */
  begin(after: LivePoint | null, atLeast: number): void {
    const { channel } = this;
    this.write(this.text.hello());
    if (after === null || !channel.canResume(after.version)) {
      this.sendWhole(channel.whole(atLeast));
      this.pump();
      return;
    }
    if (after.lacksCounts || after.version !== channel.version || channel.recounts > 0) this.send(channel.since(after.version), channel);
    else this.isAt(channel);
  }

  /** Sends what is new, unless the client has not taken in the last there was. */
  pump(): void {
    const { channel } = this;
    if (this.patientUntil !== null || this.ended) return;
    const { version, epoch, recounts } = this.told;
    if (epoch !== channel.epoch) this.sendWhole(channel.whole(channel.version));
    else if (version !== channel.version || recounts !== channel.recounts) this.send(channel.since(version), channel);
  }

  drained(): void {
    this.patientUntil = null;
    this.release();
    this.pump();
  }

  heartbeat(bytes: Buffer): void {
    if (this.patientUntil === null && !this.ended) this.write(bytes);
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
    this.release();
  }

  cut(): void {
    if (!this.ended) this.terms.onCut();
    this.ended = true;
    this.unread = null;
    this.sink.cut();
  }

  private sendWhole(whole: Whole): void {
    this.send(whole.bytes, whole);
  }

  private send(bytes: Buffer, told: Told): void {
    this.isAt(told);
    this.terms.onSent();
    this.write(bytes);
  }

  private isAt({ version, epoch, recounts }: Told): void {
    this.told = { version, epoch, recounts };
  }

  private write(bytes: Buffer): void {
    if (this.sink.write(bytes)) return;
    this.patientUntil = performance.now() + this.terms.patienceMs + bytes.length * MS_PER_BYTE;
    this.unread = bytes;
    this.terms.unread.hold(bytes, this);
  }

  private release(): void {
    if (this.unread !== null) this.terms.unread.release(this.unread, this);
    this.unread = null;
  }
}
