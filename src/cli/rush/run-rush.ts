import { randomUUID } from 'node:crypto';
import { buyUntilSoldOut } from './buyer.ts';
import { createApiClient } from './http-client.ts';
import { seededRandom } from './random.ts';
import { type RushCounters, type RushOutcome, RushRecords } from './rush-records.ts';

export interface RushOptions {
  /** The services to ask; buyers are dealt out to them in turn. */
  readonly urls: readonly string[];
  readonly slotId: string;
  readonly buyers: number;
  /** Decides who asks for how many and what becomes of it; not in which order the requests arrive. */
  readonly seed: number;
  /** How long a buyer goes on asking a service that does not answer, in milliseconds. */
  readonly retryForMs?: number;
  /** Called after every answer. */
  readonly onProgress?: (counters: RushCounters) => void;
}

/**
 * Sends buyers after one slot until it is sold out, all of them at once.
 *
 * @throws Error when a service does not answer, or refuses for any other reason than that it is sold out.
 */
export async function runRush({ urls, slotId, buyers, seed, retryForMs, onProgress }: RushOptions): Promise<RushOutcome> {
  const records = new ObservedRecords(onProgress ?? (() => undefined));
  const clients = urls.map((url) => createApiClient(url, retryForMs));
  // Two rushes with one seed must not take each other's keys for their own.
  const run = randomUUID().slice(0, 8);
  const startedAt = Date.now();
  try {
    await Promise.all(
      Array.from({ length: buyers }, (_, index) => {
        const client = clients[index % clients.length];
        if (client === undefined) throw new RangeError('a rush needs a service');
        return buyUntilSoldOut({ name: `rush-${run}-${index}`, client, slotId, random: seededRandom(seed * 100_003 + index), records });
      }),
    );
  } finally {
    for (const client of clients) client.close();
  }
  const { asked, bookings, failures, durations, resent, position } = records;
  return { slotId, startedAt, seconds: (Date.now() - startedAt) / 1_000, asked, bookings, failures, durations, resent, position };
}

class ObservedRecords extends RushRecords {
  private readonly onProgress: (counters: RushCounters) => void;

  constructor(onProgress: (counters: RushCounters) => void) {
    super();
    this.onProgress = onProgress;
  }

  override answered(answer: Parameters<RushRecords['answered']>[0]): void {
    super.answered(answer);
    this.onProgress(this.counters);
  }
}
