import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { CommandContext } from '../../src/commands/command-service.ts';
import type { RequestBooking } from '../../src/domain/slot/commands.ts';
import { decodePosition } from '../../src/http/position.ts';
import { type Service, startHoldfast } from '../../src/main.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import type { Arena } from '../arena.ts';
import type { Report, ReportTable } from '../report.ts';
import { startService } from '../sides/service.ts';
import { Gauge, type Layer } from './gauge.ts';

const PER_SECOND = 500;
const SECONDS = 20;
/** On a slow machine both processes still compile what they do for the first five seconds. */
const WARM_UP_SECONDS = 8;
/** Bookings go out in small groups, as many as are due, so often. Milliseconds. */
const TICK_MS = 4;
const SHOWS = 50;
const SEATS = 300;
const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));
const CONTEXT: CommandContext = { commandId: null, commandHash: null, ifMatch: null, actor: 'bench', correlationId: 'bench' };

/** Who keeps up the views in PostgreSQL and the slots in Redis: each is in the hands of one instance. */
type Keeper = 'the instance that books' | 'another instance';

/**
 * How soon a booking is to be seen in each layer: milliseconds from the answer to whoever booked until the
 * layer's own position is there, looked at from outside of it. Each booking is held and confirmed in one append.
 */
export async function freshness(arena: Arena): Promise<Report> {
  const tables: ReportTable[] = [];
  let hadRedis = true;
  for (const keeper of ['the instance that books', 'another instance'] as const) {
    // One for each: what another log had left there would be taken for this one's.
    const redis = await startRedis();
    hadRedis = redis !== null;
    try {
      const gauges = await measured(await arena.holdfastDatabase(), redis?.url ?? null, keeper);
      tables.push(tableOf(`Views kept up by ${keeper}; milliseconds`, gauges));
    } finally {
      await redis?.kill();
    }
  }
  return {
    title: `How soon a booking is seen, at ${PER_SECOND} bookings a second for ${SECONDS} s on ${SHOWS} shows`,
    tables,
    remarks: hadRedis ? [] : ['There is no redis-server here, so nothing is said of Redis.'],
  };
}

async function measured(databaseUrl: string, redisUrl: string | null, keeper: Keeper): Promise<readonly Gauge[]> {
  const environment = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl ?? '', HOLDFAST_PORT: '0', HOLDFAST_LOG_LEVEL: 'warn' };
  const startOther = () => startService([HOLDFAST, 'serve'], environment);
  // Who starts first takes the views in hand.
  const early = keeper === 'another instance' ? await startOther() : null;
  const service = await startHoldfast({
    databaseUrl,
    dataFolder: '',
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [],
    releaseProcess: true,
    logLevel: 'warn',
  });
  const other = early ?? (await startOther());
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const redis = redisUrl === null ? null : new Redis(redisUrl);
  try {
    await openShows(service.url);
    const layers = [
      memoryHere(service),
      memoryThere(other.url),
      ...(redis === null ? [] : [await redisLayer(redis)]),
      view(pool, 'inventory'),
      view(pool, 'bookings'),
    ];
    const gauges = layers.map((layer) => new Gauge(layer));
    for (const gauge of gauges) gauge.start();
    await book(service, 'warm-up', WARM_UP_SECONDS, gauges);
    // They share a process with the service: what it costs them to begin is not to be told of it.
    for (const gauge of gauges) gauge.forget();
    await book(service, 'measured', SECONDS, gauges);
    await Promise.all(gauges.map((gauge) => gauge.stop()));
    return gauges;
  } finally {
    redis?.disconnect();
    await pool.end();
    await other.stop();
    await service.stop();
  }
}

/** Sends bookings at the rate, whatever becomes of those before, and tells the gauges of each that is answered. */
async function book(service: Service, run: string, seconds: number, gauges: readonly Gauge[]): Promise<void> {
  const begun = performance.now();
  const answers: Promise<void>[] = [];
  while (answers.length < PER_SECOND * seconds) {
    const due = Math.min(PER_SECOND * seconds, Math.floor(((performance.now() - begun) / 1_000) * PER_SECOND));
    for (let index = answers.length; index < due; index += 1) answers.push(bookOne(service, run, index, gauges));
    await pause(TICK_MS);
  }
  await Promise.all(answers);
}

async function bookOne({ commands }: Service, run: string, index: number, gauges: readonly Gauge[]): Promise<void> {
  const slotId = `${run}-${index % SHOWS}`;
  const result = await commands.execute(slotId, bookingOf(slotId, `S${Math.floor(index / SHOWS)}`), CONTEXT);
  if (result.kind === 'refused') throw new Error(`a booking was refused: ${JSON.stringify(result.refusal)}`);
  for (const gauge of gauges) gauge.answered(result.place.position);
}

function bookingOf(slotId: string, unitId: string): RequestBooking {
  return {
    type: 'RequestBooking',
    bookingId: `${slotId}.${randomUUID()}`,
    customerId: 'c-17',
    selection: { kind: 'units', units: [{ unitId, quantity: 1 }] },
    span: null,
    expectedTotal: null,
    reference: null,
    metadata: {},
    confirm: { paymentReference: 'paid' },
  };
}

async function openShows(url: string): Promise<void> {
  const units = Array.from({ length: SEATS }, (_, index) => ({ unitId: `S${index}`, category: 'gold', price: 4_500 }));
  for (const run of ['warm-up', 'measured']) {
    for (let index = 0; index < SHOWS; index += 1) {
      const slot = {
        slotId: `${run}-${index}`,
        category: 'theatre',
        title: 'A show',
        currency: 'GBP',
        startsAt: '2099-01-01T20:00:00Z',
        units,
      };
      const headers = { 'Content-Type': 'application/json' };
      const response = await fetch(`${url}/api/v1/slots`, { method: 'POST', headers, body: JSON.stringify(slot) });
      if (response.status !== 201) throw new Error(`a show was not opened: ${await response.text()}`);
    }
  }
}

/** The position that an answer from memory carries. Asking wakes nobody. */
function memoryHere({ queries }: Service): Layer {
  return {
    name: 'memory of the instance that books',
    position: async () => (await queries.slot('measured-0')).position,
  };
}

function memoryThere(url: string): Layer {
  return {
    name: 'memory of another instance',
    async position() {
      const response = await fetch(`${url}/api/v1/slots/measured-0/availability`);
      await response.arrayBuffer();
      return decodePosition(response.headers.get('Holdfast-Position') ?? '')?.position ?? 0;
    },
  };
}

function view(pool: pg.Pool, projection: string): Layer {
  return {
    name: `PostgreSQL, ${projection}`,
    async position() {
      const text =
        'SELECT position::float8 AS position FROM holdfast.projection_builds JOIN holdfast.live_projections USING (name, build) WHERE name = $1';
      return (await pool.query<{ position: number }>({ name: 'look', text, values: [projection] })).rows[0]?.position ?? 0;
    },
  };
}

async function redisLayer(redis: Redis): Promise<Layer> {
  const [key] = await redis.keys('*:inventory:b*:position');
  if (key === undefined) throw new Error('nobody feeds Redis');
  return { name: 'Redis', position: async () => Number((await redis.get(key))?.split('/').at(-1) ?? 0) };
}

function tableOf(caption: string, gauges: readonly Gauge[]): ReportTable {
  const rows = gauges.map(({ name, lags }) => {
    const sorted = [...lags].sort((a, b) => a - b);
    const quantile = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
    return [name, String(sorted.length), quantile(0.5), quantile(0.99), quantile(1)];
  });
  return { caption, columns: ['layer', 'bookings', 'p50', 'p99', 'worst'], rows };
}
