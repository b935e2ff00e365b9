import type { StreamResult } from './jobs.ts';

/** Latencies of so many requests are kept; the bench asks for far fewer in a run. */
const MAX_SAMPLES = 4_000_000;

/** Counts what was answered within the time that counts. */
export class Tally {
  private readonly statuses: Record<string, number> = {};
  private samples = new Float64Array(1 << 16);
  private requests = 0;
  private operations = 0;
  private shed = 0;

  answered(status: number, milliseconds: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    if (this.requests === this.samples.length) this.grow();
    this.samples[this.requests] = milliseconds;
    this.requests += 1;
  }

  finished(): void {
    this.operations += 1;
  }

  wasShed(): void {
    this.shed += 1;
  }

  result(seconds: number): StreamResult {
    const { requests, operations, shed, statuses } = this;
    const sorted = this.samples.subarray(0, requests).slice().sort();
    const at = (share: number) => sorted[Math.min(requests - 1, Math.floor(requests * share))] ?? 0;
    const latency = { p50: at(0.5), p95: at(0.95), p99: at(0.99), greatest: sorted[requests - 1] ?? 0 };
    return { seconds, operations, requests, shed, statuses, latency };
  }

  private grow(): void {
    if (this.samples.length >= MAX_SAMPLES) throw new Error(`a run may have ${MAX_SAMPLES} requests at most`);
    const grown = new Float64Array(this.samples.length * 2);
    grown.set(this.samples);
    this.samples = grown;
  }
}
