import { Counter, Gauge, Registry } from 'prom-client';

/** What cannot be read within so many milliseconds is left out: a scrape must not hang because a database does. */
const READ_BOUND_MS = 2_000;

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as it follows from facts that are read at each scrape. */
export interface Series<Facts> {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A bare number for a metric without labels; null for one that there is nothing to be said of. */
  of(facts: Facts): number | null | readonly Sample[];
}

export interface FactSource<Facts> {
  /** Stands as label `source` where it is told whether the facts could be read. */
  readonly name: string;
  read(): Facts | Promise<Facts>;
  readonly series: readonly Series<Facts>[];
}

/** A source with its metrics, whatever its facts are. */
interface Reader {
  read(boundMs: number): Promise<boolean>;
}

/**
 * Everything that is to be scraped. Metrics are read when somebody asks: counting goes on in plain
 * numbers wherever the work is done, and costs nothing that a request would notice.
 */
export class Scrape {
  readonly registry = new Registry();
  private readonly readers: Reader[] = [];
  private readonly up = new Gauge({
    name: 'holdfast_scrape_source_up',
    help: 'Whether what this source tells could be read for this scrape (1) or is left out of it (0).',
    labelNames: ['source'],
    registers: [this.registry],
  });
  private readonly errors = new Counter({
    name: 'holdfast_scrape_errors_total',
    help: 'Scrapes that had to leave this source out.',
    labelNames: ['source'],
    registers: [this.registry],
  });
  private readonly boundMs: number;
  private scraping: Promise<string> | null = null;

  /** @param boundMs milliseconds that the reading of a source may take. */
  constructor(boundMs = READ_BOUND_MS) {
    this.boundMs = boundMs;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  add<Facts>(source: FactSource<Facts>): void {
    const { name } = source;
    const reader = readerOf(source, this.registry);
    this.errors.inc({ source: name }, 0);
    this.readers.push({
      read: async (boundMs) => {
        const isRead = await reader.read(boundMs);
        this.up.set({ source: name }, isRead ? 1 : 0);
        if (!isRead) this.errors.inc({ source: name });
        return isRead;
      },
    });
  }

  /** The metrics in Prometheus' text format. Who asks while a scrape is under way gets that one. */
  text(): Promise<string> {
    this.scraping ??= this.scrape().finally(() => {
      this.scraping = null;
    });
    return this.scraping;
  }

  private async scrape(): Promise<string> {
    await Promise.all(this.readers.map((reader) => reader.read(this.boundMs)));
    return this.registry.metrics();
  }
}

function readerOf<Facts>({ read, series }: FactSource<Facts>, registry: Registry): Reader {
  const shown = series.map((one) => ({ one, metric: metricOf(one, registry) }));
  /** A reading that was given up may still be waiting for its database; another one would only wait behind it. */
  let pending: Promise<Facts> | null = null;

  async function bounded(boundMs: number): Promise<Facts> {
    if (pending !== null) throw new Error('the last reading has not ended');
    const reading = Promise.resolve(read());
    pending = reading;
    const done = (): void => {
      pending = null;
    };
    reading.then(done, done);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not read within ${boundMs} ms`)), boundMs);
    });
    return Promise.race([reading, late]).finally(() => clearTimeout(timer));
  }

  return {
    async read(boundMs) {
      try {
        const facts = await bounded(boundMs);
        for (const { one, metric } of shown) {
          const samples = one.of(facts);
          if (samples === null) leaveOut(metric, one.labels ?? []);
          else show(metric, samples);
        }
        return true;
      } catch {
        // Old figures would look like present ones.
        for (const { one, metric } of shown) leaveOut(metric, one.labels ?? []);
        return false;
      }
    },
  };
}

function metricOf({ kind, name, help, labels = [] }: Series<never>, registry: Registry): Counter | Gauge {
  const settings = { name, help, labelNames: [...labels], registers: [registry] };
  return kind === 'counter' ? new Counter(settings) : new Gauge(settings);
}

function show(metric: Counter | Gauge, samples: number | readonly Sample[]): void {
  metric.reset();
  if (typeof samples === 'number') metric.inc(samples);
  else for (const { labels, value } of samples) metric.inc({ ...labels }, value);
}

/** A metric without labels says 0 after a reset; only when it is removed it says nothing. */
function leaveOut(metric: Counter | Gauge, labels: readonly string[]): void {
  metric.reset();
  if (labels.length === 0) metric.remove();
}
