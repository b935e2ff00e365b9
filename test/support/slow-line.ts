import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** What a network does to what goes over it; nothing is a good one. */
export interface Trouble {
  /** Milliseconds by which everything comes later. */
  readonly latencyMs?: number;
  /** What goes over one connection in one direction in a second, in bytes. */
  readonly bytesPerSecond?: number;
  /** Swallows everything, and tells neither side: each believes in its half of the connection. */
  readonly silent?: boolean;
}

/** Bytes under way in one direction, from which on the sender is not read any more. */
const MOST_UNDER_WAY = 256 * 1024;

/** One direction of a connection: passes on what comes, in its order, when the network lets it. */
export class SlowLine {
  private readonly from: Socket;
  private readonly to: Socket;
  private readonly trouble: () => Trouble;
  private readonly underWay: { readonly due: number; readonly message: Buffer }[] = [];
  private bytes = 0;
  private freeAt = 0;

  constructor(from: Socket, to: Socket, trouble: () => Trouble) {
    this.from = from;
    this.to = to;
    this.trouble = trouble;
  }

  pass(message: Buffer): void {
    const { latencyMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.trouble();
    const now = performance.now();
    this.freeAt = Math.max(this.freeAt, now) + (message.length / bytesPerSecond) * 1000;
    const due = this.freeAt + latencyMs;
    if (due <= now && this.underWay.length === 0) {
      this.to.write(message);
      return;
    }
    this.underWay.push({ due, message });
    this.bytes += message.length;
    if (this.bytes > MOST_UNDER_WAY) this.from.pause();
    if (this.underWay.length === 1) this.wait();
  }

  private wait(): void {
    const [next] = this.underWay;
    if (next === undefined || this.to.destroyed) return;
    setTimeout(() => {
      this.underWay.shift();
      this.bytes -= next.message.length;
      this.to.write(next.message);
      if (this.bytes <= MOST_UNDER_WAY) this.from.resume();
      this.wait();
    }, next.due - performance.now());
  }
}
