import type { Arena } from '../arena.ts';
import type { Load } from '../load/jobs.ts';
import { type Report, rate } from '../report.ts';
import type { Service } from '../sides/service.ts';
import { ReadSides, readArena } from './sides.ts';

const SHOWS = 2_000;
const SEATS = 200;
/** Twenty reads for each hold. */
const WRITE_EVERY = 21;
/** Of so many reads one is of a seat map, the others of availability. */
const SEAT_MAP_EVERY = 4;
/** Each show is asked for by so many of the paths at most, and by one at least. */
const PATHS_OF_THE_FIRST = 4_000;
const CONNECTIONS = 64;
const WARM_UP_MS = 15_000;

/** How often a layer had the answer, from the counts of two pages of metrics. */
interface HitRates {
  readonly memory: number;
  /** Null where there is no Redis. */
  readonly redis: number | null;
}

/** Reads and holds over shows of which the n-th is asked for 1/n times as often as the first. */
export async function hitRates(arena: Arena): Promise<Report> {
  const shows = Array.from({ length: SHOWS }, (_, index) => `hits-${index}`);
  const DATABASE_URL = await readArena(arena, shows, SEATS);
  const load: Load = {
    kind: 'mix',
    paths: zipfPaths(shows),
    writeEvery: WRITE_EVERY,
    holds: { kind: 'holds', shows, seats: SEATS, spread: 'zipf', confirm: false },
  };
  const rows: (readonly string[])[] = [];
  const withRedis = new ReadSides([], arena.settings);
  try {
    const REDIS_URL = await withRedis.startRedis();
    for (const [name, environment] of [
      ['memory', { DATABASE_URL }],
      ...(REDIS_URL === null ? [] : [['memory, then Redis', { DATABASE_URL, REDIS_URL }] as const]),
    ] as const) {
      const sides = new ReadSides([], arena.settings);
      try {
        rows.push([name, ...(await measured(arena, await sides.addHoldfast(name, environment, 'memory'), load))]);
      } finally {
        await sides.stop();
      }
    }
  } finally {
    await withRedis.stop();
  }
  const table = {
    caption: `${SHOWS} shows of ${SEATS} seats, the n-th asked for 1/n times as often as the first, a hold after ${WRITE_EVERY - 1} reads`,
    columns: [
      'layers',
      'reads per second',
      'hits of memory',
      'hits of Redis',
      'never came to PostgreSQL',
      'shows in memory',
      'MiB of memory',
      'MiB of the process',
    ],
    rows,
  };
  return { title: 'Hit rates', tables: [table], remarks: [] };
}

async function measured(arena: Arena, { url, port }: Service, load: Load): Promise<readonly string[]> {
  const streams = [{ port, connections: CONNECTIONS, pace: { kind: 'closed' } as const, load }];
  await arena.run({ streams, leadInMilliseconds: 0, milliseconds: WARM_UP_MS });
  const before = await scraped(url);
  const milliseconds = arena.settings.rounds * arena.settings.milliseconds;
  await arena.run({ streams, leadInMilliseconds: 0, milliseconds });
  const after = await scraped(url);
  const { memory, redis } = ratesBetween(before, after);
  const reads = sumOf(after, /^holdfast_reads_total\{layer="memory"/) - sumOf(before, /^holdfast_reads_total\{layer="memory"/);
  const mebibytes = (name: string) => rate((after.get(name) ?? 0) / 2 ** 20);
  return [
    rate((reads / milliseconds) * 1_000),
    percent(memory),
    redis === null ? '' : percent(redis),
    percent(memory + (1 - memory) * (redis ?? 0)),
    rate(after.get('holdfast_memory_slots') ?? 0),
    mebibytes('holdfast_memory_bytes'),
    mebibytes('process_resident_memory_bytes'),
  ];
}

type Page = ReadonlyMap<string, number>;

async function scraped(url: string): Promise<Page> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map([...text.matchAll(/^(\w\S*(?: \S+)*?) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]));
}

function sumOf(page: Page, name: RegExp): number {
  return [...page].reduce((sum, [key, value]) => (name.test(key) ? sum + value : sum), 0);
}

function ratesBetween(before: Page, after: Page): HitRates {
  const count = (layer: string, outcome: string) => {
    const name = new RegExp(`^holdfast_reads_total\\{layer="${layer}",.*outcome="${outcome}"\\}`);
    return sumOf(after, name) - sumOf(before, name);
  };
  const share = (layer: string) => {
    const [hits, misses] = [count(layer, 'hit'), count(layer, 'miss')];
    return hits + misses === 0 ? null : hits / (hits + misses);
  };
  return { memory: share('memory') ?? 0, redis: share('redis') };
}

/** The load chooses evenly among paths, so a show that is asked for twice as often has twice as many of them. */
function zipfPaths(shows: readonly string[]): readonly string[] {
  let count = 0;
  return shows.flatMap((show, index) =>
    Array.from({ length: Math.max(1, Math.round(PATHS_OF_THE_FIRST / (index + 1))) }, () => {
      count += 1;
      return `/api/v1/slots/${show}/${count % SEAT_MAP_EVERY === 0 ? 'seats' : 'availability'}`;
    }),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
