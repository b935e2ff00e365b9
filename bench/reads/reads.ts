import { resolve } from 'node:path';
import type { Arena } from '../arena.ts';
import { ratioOf } from '../interleave.ts';
import { type Report, type ReportTable, rate, times } from '../report.ts';
import type { HttpSide } from '../sides/http-side.ts';
import { CONNECTIONS, halfPaceTables, type Peak, peaks } from '../writes/measure.ts';
import { ReadSides, readArena } from './sides.ts';

/** Shows that are asked for in turn: those that everybody looks at. */
const SHOWS = 64;
/**
 * So many of layers behind the memory, which is more than there are connections: a layer that loads a show for one
 * reader serves others with it who ask meanwhile, and at full load would be asked for fewer than there are readers,
 * at half of it for all of them.
 */
const MANY_SHOWS = 2 * CONNECTIONS;
const SEATS = 200;
const EXPRESS = 'Express, the same bytes';
const NODE = 'node:http, the same bytes';
const FROM_MEMORY = 'Holdfast from memory';
const MANY_FROM_MEMORY = `${FROM_MEMORY}, ${MANY_SHOWS} shows`;
const THROUGH_EXPRESS = `${FROM_MEMORY}, through Express`;
const FROM_REDIS = 'Holdfast from Redis';
const FROM_POSTGRES = 'Holdfast from PostgreSQL';

/** One question about shows of 200 seats, answered by each layer, and by servers that do nothing but send the same bytes. */
export async function reads(arena: Arena, question: 'availability' | 'seats'): Promise<Report> {
  const shows = Array.from({ length: MANY_SHOWS }, (_, index) => `reads-${index}`);
  const DATABASE_URL = await readArena(arena, shows, SEATS);
  const sides = new ReadSides(
    shows.map((show) => `/api/v1/slots/${show}/${question}`),
    arena.settings,
  );
  try {
    await addAll(sides, DATABASE_URL, arena.settings.beside);
    const { all } = sides;
    const ofMany = [MANY_FROM_MEMORY, FROM_REDIS, FROM_POSTGRES];
    const load = async ({ name }: HttpSide) => {
      const count = ofMany.some((one) => name.startsWith(one)) ? MANY_SHOWS : SHOWS;
      return { kind: 'reads', paths: sides.paths.slice(0, count) } as const;
    };
    const measured = await peaks(arena, all, load);
    const title = question === 'seats' ? `Seat maps of shows of ${SEATS} seats` : `Availability of shows of ${SEATS} seats`;
    return { title, tables: [table(measured), ...(await halfPaceTables(arena, all, measured, load))], remarks: [] };
  } finally {
    await sides.stop();
  }
}

async function addAll(sides: ReadSides, DATABASE_URL: string, beside: string | null): Promise<void> {
  const inMemory = await sides.addHoldfast(FROM_MEMORY, { DATABASE_URL }, 'memory');
  if (sides.isWanted(MANY_FROM_MEMORY)) sides.add(MANY_FROM_MEMORY, inMemory);
  if (beside !== null) await sides.addHoldfast(`${FROM_MEMORY}, of ${beside}`, { DATABASE_URL }, 'memory', resolve(beside));
  if (sides.isWanted(EXPRESS)) await sides.addFixed(EXPRESS, 'express', inMemory);
  if (sides.isWanted(NODE)) await sides.addFixed(NODE, 'node-http', inMemory);
  // A service that names origins answers everything through Express.
  const CORS_ORIGIN = 'https://tickets.example';
  if (sides.isWanted(THROUGH_EXPRESS)) await sides.addHoldfast(THROUGH_EXPRESS, { DATABASE_URL, CORS_ORIGIN }, 'memory');
  const REDIS_URL = sides.isWanted(FROM_REDIS) ? await sides.startRedis() : null;
  if (REDIS_URL !== null) {
    // Both on one Redis: of the services on a database one alone feeds the Redis that it knows.
    const environment = { DATABASE_URL, REDIS_URL, MEMORY_BYTES: '0' };
    await sides.addHoldfast(FROM_REDIS, environment, 'redis');
    if (beside !== null) await sides.addHoldfast(`${FROM_REDIS}, of ${beside}`, environment, 'redis', resolve(beside));
  }
  if (sides.isWanted(FROM_POSTGRES)) await sides.addHoldfast(FROM_POSTGRES, { DATABASE_URL, MEMORY_BYTES: '0' }, 'postgres');
}

function table(measured: readonly Peak[]): ReportTable {
  const ratioTo = (base: string, { rates }: Peak) => {
    const other = measured.find(({ name }) => name === base);
    return other === undefined ? '' : times(ratioOf(rates, other.rates));
  };
  const rows = measured.map((peak) => {
    const { name, median, least, most, costs } = peak;
    const cost = costs === null ? 'unknown' : `${rate(costs.service)} + ${rate(costs.database)} + ${rate(costs.load)}`;
    return [name, rate(median), `${rate(least)} – ${rate(most)}`, ratioTo(EXPRESS, peak), ratioTo(NODE, peak), cost];
  });
  const cost = 'µs of processor per request: service + database + load';
  return {
    caption: `${SHOWS} shows in turn, from Redis and PostgreSQL ${MANY_SHOWS}; as many requests as go`,
    columns: ['side', 'per second', 'spread', '… times Express', '… times node:http', cost],
    rows,
  };
}
