import type { Latency, StreamResult } from './jobs.ts';

/** Latencies of so many requests are kept; the bench asks for far fewer in a run. */
const MAX_SAMPLES = 4_000_000;

/** Counts what was answered within the time that counts. */
export class Tally {
  private readonly statuses: Record<string, number> = {};
  private readonly sinceDue = new Samples();
  private readonly sinceReached = new Samples();
  private operations = 0;
  private shed = 0;

  /** @param sinceDue milliseconds, as is `sinceReached`. */
  answered(status: number, sinceDue: number, sinceReached: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.sinceDue.add(sinceDue);
    this.sinceReached.add(sinceReached);
  }

  finished(): void {
    this.operations += 1;
  }

  wasShed(): void {
    this.shed += 1;
  }

  result(seconds: number): StreamResult {
    const { operations, shed, statuses, sinceDue, sinceReached } = this;
    const requests = sinceDue.length;
    return { seconds, operations, requests, shed, statuses, latency: sinceDue.latency(), latencySinceReached: sinceReached.latency() };
  }
}

class Samples {
  private values = new Float64Array(1 << 16);
  private count = 0;

  get length(): number {
    return this.count;
  }

  add(value: number): void {
    if (this.count === this.values.length) this.grow();
    this.values[this.count] = value;
    this.count += 1;
  }

  latency(): Latency {
    const sorted = this.values.subarray(0, this.count).slice().sort();
    const at = (share: number) => sorted[Math.min(this.count - 1, Math.floor(this.count * share))] ?? 0;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), greatest: sorted[this.count - 1] ?? 0 };
  }

  private grow(): void {
    if (this.values.length >= MAX_SAMPLES) throw new Error(`a run may have ${MAX_SAMPLES} requests at most`);
    const grown = new Float64Array(this.values.length * 2);
    grown.set(this.values);
    this.values = grown;
  }
}
