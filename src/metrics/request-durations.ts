import { Histogram, type Registry } from 'prom-client';
import { DURATION_BOUNDS, OUTCOMES, type RequestMeter } from '../http/request-meter.ts';

const NAME = 'holdfast_http_request_duration_seconds';
const HELP = 'Seconds from when a request was taken up until its answer was handed to the connection. HEAD counts as GET.';
const LABELS = ['method', 'route', 'status'] as const;

/** One line of the page; the shared labels stand beside its own. */
interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sharedLabels: Readonly<Record<(typeof LABELS)[number], string>>;
  readonly value: number;
}

/**
 * The durations that a RequestMeter has counted, as Prometheus expects a histogram. The library's own way
 * of counting makes an object and looks up its labels for every request, which a read from memory
 * would notice; so it only writes out.
 */
export class RequestDurations extends Histogram {
  private readonly meter: RequestMeter;

  constructor(meter: RequestMeter, registry: Registry) {
    super({ name: NAME, help: HELP, labelNames: [...LABELS], buckets: [...DURATION_BOUNDS], registers: [registry] });
    this.meter = meter;
  }

  /** What the registry and the library's own `get` call for the values; its type declarations do not have it. */
  async getForPromString(): Promise<{
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly values: readonly Value[];
  }> {
    return { name: NAME, help: HELP, type: 'histogram', values: [...this.counted()] };
  }

  private *counted(): Iterable<Value> {
    for (const route of this.meter.routes) {
      for (const status of OUTCOMES) {
        const seen = route.seen(status);
        if (seen === null) continue;
        const sharedLabels = { method: route.method, route: route.route, status };
        let count = 0;
        for (const [index, inBucket] of seen.buckets.entries()) {
          count += inBucket;
          yield { metricName: `${NAME}_bucket`, labels: { le: String(DURATION_BOUNDS[index] ?? '+Inf') }, sharedLabels, value: count };
        }
        yield { metricName: `${NAME}_sum`, labels: {}, sharedLabels, value: seen.sumSeconds };
        yield { metricName: `${NAME}_count`, labels: {}, sharedLabels, value: count };
      }
    }
  }
}
