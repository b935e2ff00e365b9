import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Arena, withClient } from '../arena.ts';
import { type OpenSlot, writeHistory } from '../history/history.ts';
import { fillViews } from '../plans/fill-views.ts';
import { openShows } from '../sides/holdfast.ts';
import { type Service, startProgram } from '../sides/service.ts';

const HERE = fileURLToPath(new URL('../..', import.meta.url));
/** One slot on sale for so many events. */
const EVENTS_PER_OPEN_SLOT = 100;
const YEARS = 3;
const LOOK_MS = 20;
const READY_WITHIN_MS = 120_000;

/** A database with so many events of history, and a service on it. */
export interface SizedLog {
  readonly name: string;
  readonly events: number;
  /** Those that are on sale. */
  readonly openSlots: readonly OpenSlot[];
  /** Megabytes of the log with its indexes, and of everything. */
  readonly megabytes: { readonly log: number; readonly all: number };
  /** Shows whose seats are called as seatName does. */
  readonly hotShows: readonly string[];
  readonly url: () => string;
  readonly port: () => number;
  /** Stops the service and starts another one. @returns milliseconds until that one is ready. */
  restart(): Promise<number>;
  /** Waits until all views have what was written. */
  rest(): Promise<void>;
  /** Of the service, in bytes: resident now. Null where it cannot be told. */
  residentBytes(): Promise<number | null>;
  stop(): Promise<void>;
}

export async function openSizedLog(
  arena: Arena,
  events: number,
  hot: { readonly shows: number; readonly seats: number },
  tell: (line: string) => void,
): Promise<SizedLog> {
  const connectionString = await arena.holdfastDatabase();
  const openSlots = Math.ceil(events / EVENTS_PER_OPEN_SLOT);
  const begun = performance.now();
  const history = await writeHistory(connectionString, { events, openSlots, years: YEARS, seed: 1, until: Date.now() });
  const seconds = (performance.now() - begun) / 1_000;
  tell(`${events} events of ${history.slots} slots written in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} a second`);
  await fillViews(connectionString, (line) => tell(`  ${line}`));
  await withClient(connectionString, (client) => client.query('CHECKPOINT'));
  tell(`  ready to be measured after ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  let service = await start(connectionString);
  const hotShows = Array.from({ length: hot.shows }, (_, index) => `hot-${events}-${index}`);
  await openShows(service.url, hotShows, hot.seats);
  return {
    name: events.toLocaleString('en'),
    events,
    openSlots: history.openSlots,
    megabytes: await sizeOf(connectionString),
    hotShows,
    url: () => service.url,
    port: () => service.port,
    async restart() {
      await service.stop();
      const from = performance.now();
      service = await start(connectionString);
      return performance.now() - from;
    },
    async rest() {
      const deadline = performance.now() + READY_WITHIN_MS;
      while ((await lagSeconds(service.url)) > 0) {
        if (performance.now() > deadline) throw new Error(`the views of ${events} events did not catch up in ${READY_WITHIN_MS} ms`);
        await pause(LOOK_MS);
      }
    },
    residentBytes: () => residentBytes(service.pid),
    stop: () => service.stop(),
  };
}

/** @returns when it says that it is ready for everything. */
async function start(connectionString: string): Promise<Service> {
  const service = await startProgram(`${HERE}/bin/holdfast.js`, ['serve'], {
    DATABASE_URL: connectionString,
    HOLDFAST_PORT: '0',
    HOLDFAST_LOG_LEVEL: 'warn',
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(`${service.url}/readyz`)).ok) {
    if (performance.now() > deadline) throw new Error(`not ready within ${READY_WITHIN_MS} ms`);
    await pause(LOOK_MS);
  }
  return service;
}

async function lagSeconds(url: string): Promise<number> {
  const { items } = (await (await fetch(`${url}/api/v1/admin/projections`)).json()) as { items: readonly { lag: { seconds: number } }[] };
  return Math.max(...items.map(({ lag }) => lag.seconds));
}

async function sizeOf(connectionString: string): Promise<SizedLog['megabytes']> {
  return withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ log: number; all: number }>(
      `SELECT (sum(pg_total_relation_size(inhrelid)) / 1048576)::float8 AS log, (pg_database_size(current_database()) / 1048576)::float8 AS all
         FROM pg_inherits WHERE inhparent = 'holdfast.events'::regclass`,
    );
    return rows[0] ?? { log: 0, all: 0 };
  });
}

async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}
