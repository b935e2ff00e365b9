import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';
import { DURATION_BOUNDS, OUTCOMES, type RequestMeter } from '../http/request-meter.ts';

type Label = 'method' | 'route' | 'status' | 'le';
type Values = MetricObjectWithValues<MetricValueWithName<Label>>;

const NAME = 'holdfast_http_request_duration_seconds';

/**
 * The durations that a RequestMeter has counted, as Prometheus expects a histogram. The library's own way
 * of counting makes an object and looks up its labels for every request, which a read from memory
 * would notice; so it only writes out.
 */
export class RequestDurations extends Histogram<Label> {
  private readonly meter: RequestMeter;

  constructor(meter: RequestMeter, registry: Registry) {
    super({
      name: NAME,
      help: 'Seconds from when a request was taken up until its answer was handed to the connection. HEAD counts as GET.',
      labelNames: ['method', 'route', 'status'],
      buckets: [...DURATION_BOUNDS],
      registers: [registry],
    });
    this.meter = meter;
  }

  override async get(): Promise<Values> {
    return { ...(await super.get()), values: [...this.counted()] };
  }

  /** What the registry calls instead of `get` where a metric has it. */
  getForPromString(): Promise<Values> {
    return this.get();
  }

  private *counted(): Iterable<MetricValueWithName<Label>> {
    for (const route of this.meter.routes) {
      for (const status of OUTCOMES) {
        const seen = route.seen(status);
        if (seen === null) continue;
        const labels = { method: route.method, route: route.route, status };
        let count = 0;
        for (const [index, inBucket] of seen.buckets.entries()) {
          count += inBucket;
          yield { metricName: `${NAME}_bucket`, labels: { ...labels, le: DURATION_BOUNDS[index] ?? '+Inf' }, value: count };
        }
        yield { metricName: `${NAME}_sum`, labels, value: seen.sumSeconds };
        yield { metricName: `${NAME}_count`, labels, value: count };
      }
    }
  }
}
