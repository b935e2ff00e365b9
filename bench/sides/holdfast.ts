import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Arena, withClient } from '../arena.ts';
import { seatName } from '../load/seats.ts';
import type { HttpSide } from './http-side.ts';
import { NODE_OPTIONS } from './node-options.ts';
import { startProgram, startService } from './service.ts';

const HERE = fileURLToPath(new URL('../..', import.meta.url));
const OPENED_AT_ONCE = 16;
const PRICE = 4_500;
/** Views may be behind for so long at the end of a run, in seconds. */
const LAG_BOUND_S = 1;
const CATCH_UP_MS = 60_000;
const LOOK_MS = 20;

export interface HoldfastSide extends HttpSide {
  readonly url: string;
  readonly connectionString: string;
}

/** `holdfast serve` of a checkout, on a database of its own, with every view kept up. */
export async function startHoldfastSide(arena: Arena, name = 'Holdfast', folder = HERE): Promise<HoldfastSide> {
  const connectionString = await arena.holdfastDatabase();
  const { profiles } = arena.settings;
  const environment = { DATABASE_URL: connectionString, HOLDFAST_PORT: '0', HOLDFAST_LOG_LEVEL: 'warn' };
  const bin = `${folder}/bin/holdfast.js`;
  const service = await (profiles === null
    ? startProgram(bin, ['serve'], environment)
    : startService([...NODE_OPTIONS, '--cpu-prof', `--cpu-prof-dir=${profiles}`, bin, 'serve'], environment));
  const { url, port, pid } = service;
  let greatestLag = 0;

  async function lagSeconds(): Promise<number> {
    const { items } = (await ask(`${url}/api/v1/admin/projections`)) as { items: readonly { lag: { seconds: number } }[] };
    return Math.max(...items.map(({ lag }) => lag.seconds));
  }

  return {
    name,
    url,
    port,
    pid,
    connectionString,
    mostPerSecond: 25_000,
    openShows: (shows, seats) => openShows(url, shows, seats),
    async rest() {
      greatestLag = Math.max(greatestLag, await lagSeconds());
      const deadline = performance.now() + CATCH_UP_MS;
      while ((await lagSeconds()) > 0) {
        if (performance.now() > deadline) throw new Error(`the views of ${name} did not catch up in ${CATCH_UP_MS} ms`);
        await pause(LOOK_MS);
      }
    },
    async remarks() {
      if (greatestLag >= LAG_BOUND_S) process.exitCode = 1;
      const verdict = greatestLag < LAG_BOUND_S ? '' : `, which is MORE than ${LAG_BOUND_S} s`;
      const events = await withClient(connectionString, async (client) => {
        const { rows } = await client.query<{ position: string }>('SELECT position FROM holdfast.log_head');
        return rows[0]?.position ?? '0';
      });
      return [`${name}: views at most ${greatestLag.toFixed(3)} s behind at the end of a run${verdict}; ${events} events in its log.`];
    },
    stop: service.stop,
  };
}

/** Shows share one layout, as those of one house do. */
export async function openShows(url: string, shows: readonly string[], seats: number): Promise<void> {
  const units = Array.from({ length: seats }, (_, index) => ({ unitId: seatName(index), category: 'gold', price: PRICE }));
  const { layoutId } = (await ask(`${url}/api/v1/layouts`, { name: 'The house', units })) as { layoutId: string };
  for (let first = 0; first < shows.length; first += OPENED_AT_ONCE) {
    const slots = shows.slice(first, first + OPENED_AT_ONCE).map((slotId) => ({
      slotId,
      category: 'theatre',
      title: 'A show',
      currency: 'GBP',
      startsAt: '2099-01-01T20:00:00Z',
      layoutId,
    }));
    await Promise.all(slots.map((slot) => ask(`${url}/api/v1/slots`, slot)));
  }
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  return response.json();
}
