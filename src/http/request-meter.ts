/**
 * Upper bounds of the duration buckets in seconds. Answers from memory take some tens of microseconds
 * and the promises to keep are at 5, 50, 200 and 500 ms, so these are among them.
 */
export const DURATION_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10] as const;

/** How requests end: by the first digit of the status, or broken off by the client before they were understood. */
export const OUTCOMES = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

const BUCKETS = DURATION_BOUNDS.length + 1;
const BOUNDS_MS: readonly number[] = DURATION_BOUNDS.map((seconds) => seconds * 1_000);

/** What was seen of one outcome of one route. */
export interface SeenDurations {
  /** One count a bound, each without those before it; the last one is beyond all bounds. */
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
}

/**
 * Counts the requests of one route. A rush passes through here with every request, so counting is a few
 * additions in arrays that are there already.
 */
export class RouteMeter {
  readonly method: string;
  readonly route: string;
  private readonly counts = new Float64Array(OUTCOMES.length * BUCKETS);
  private readonly sumsMs = new Float64Array(OUTCOMES.length);
  private open = 0;

  constructor(method: string, route: string) {
    this.method = method;
    this.route = route;
  }

  /** Requests that have begun and have no answer yet. */
  get inFlight(): number {
    return this.open;
  }

  /** @returns the instant of the beginning, for `ended`. */
  begun(): number {
    this.open += 1;
    return performance.now();
  }

  /** @param status of the answer; 0 when there was none because the client broke off. */
  ended(begun: number, status: number): void {
    const milliseconds = performance.now() - begun;
    const outcome = Math.floor(status / 100);
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && milliseconds > (BOUNDS_MS[bucket] as number)) bucket += 1;
    (this.counts[outcome * BUCKETS + bucket] as number) += 1;
    (this.sumsMs[outcome] as number) += milliseconds;
    this.open -= 1;
  }

  /** Null when no request has ended so. */
  seen(outcome: (typeof OUTCOMES)[number]): SeenDurations | null {
    const index = OUTCOMES.indexOf(outcome);
    const buckets = [...this.counts.subarray(index * BUCKETS, (index + 1) * BUCKETS)];
    return buckets.every((count) => count === 0) ? null : { buckets, sumSeconds: (this.sumsMs[index] as number) / 1_000 };
  }
}

/** Counts the requests of a service by the templates of its routes, of which there are as many as there are in the code. */
export class RequestMeter {
  private readonly meters = new Map<string, RouteMeter>();

  /** @param route the template, never the path that was asked for. */
  of(method: string, route: string): RouteMeter {
    const key = `${method} ${route}`;
    let meter = this.meters.get(key);
    if (meter === undefined) {
      meter = new RouteMeter(method, route);
      this.meters.set(key, meter);
    }
    return meter;
  }

  get routes(): Iterable<RouteMeter> {
    return this.meters.values();
  }
}
