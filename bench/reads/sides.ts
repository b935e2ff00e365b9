import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../../test/support/redis-server.ts';
import type { Arena, Settings } from '../arena.ts';
import { openShows } from '../sides/holdfast.ts';
import { type HttpSide, withoutShows } from '../sides/http-side.ts';
import { NODE_OPTIONS } from '../sides/node-options.ts';
import { type Service, startService } from '../sides/service.ts';

const FIXED_ANSWER = fileURLToPath(new URL('fixed-answer.ts', import.meta.url));
const HOLDFAST = fileURLToPath(new URL('holdfast-server.ts', import.meta.url));
const HERE = fileURLToPath(new URL('../..', import.meta.url));
/** A layer is asked so often at most until it is the one that answers: the first reading fills it. */
const TRIES = 20;

/** Where a Holdfast reads from in the bench, by the value of Holdfast-Source. */
export type Layer = 'memory' | 'redis' | 'postgres';

/** Servers that answer the same question, each in a process of its own. */
export class ReadSides {
  readonly all: HttpSide[] = [];
  readonly paths: readonly string[];
  private readonly settings: Settings;
  private readonly stops: (() => Promise<void>)[] = [];

  /** @param paths what will be asked. */
  constructor(paths: readonly string[], settings: Settings) {
    this.paths = paths;
    this.settings = settings;
  }

  /** Whether the side is among those that were named, if any were: a word of its name is enough. */
  isWanted(name: string): boolean {
    const { only } = this.settings;
    return only === null || only.some((word) => name.includes(word));
  }

  /** A Holdfast on the database. It is known to answer from the layer before it is measured. */
  async addHoldfast(name: string, environment: Readonly<Record<string, string>>, layer: Layer, checkout = HERE): Promise<Service> {
    const { profiles } = this.settings;
    const profiling = profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    const service = await startService(
      [...profiling, ...NODE_OPTIONS, '--import', 'tsx', join(checkout, relative(HERE, HOLDFAST))],
      environment,
    );
    this.add(name, service);
    for (const path of this.paths) await answersFrom(service.url + path, layer);
    return service;
  }

  /** A server that does nothing but send what the Holdfast answered. */
  async addFixed(name: string, kind: 'express' | 'node-http', holdfast: Service): Promise<void> {
    const response = await fetch(holdfast.url + (this.paths[0] ?? ''));
    const body = await response.text();
    const ANSWER = JSON.stringify({ headers: headersOf(response), body });
    this.add(name, await startService([...NODE_OPTIONS, '--import', 'tsx', FIXED_ANSWER, kind], { ANSWER }));
  }

  /** A Redis of the bench's own. @returns its address; null where there is none, which is told. */
  async startRedis(): Promise<string | null> {
    const redis = await startRedis();
    if (redis === null) console.log('Redis is left out: there is no redis-server here');
    else this.stops.push(() => redis.kill());
    return redis?.url ?? null;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
  }

  /** A server may be there under several names, for what it is asked. */
  add(name: string, service: Service): void {
    this.stops.push(service.stop);
    this.all.push(withoutShows(name, service));
  }
}

/** Opens shows on a database that has none yet, with a service that is there for nothing else. */
export async function openShowsOn(connectionString: string, shows: readonly string[], seats: number): Promise<void> {
  const service = await startService(['--import', 'tsx', HOLDFAST], { DATABASE_URL: connectionString });
  try {
    await openShows(service.url, shows, seats);
  } finally {
    await service.stop();
  }
}

export async function readArena(arena: Arena, shows: readonly string[], seats: number): Promise<string> {
  const connectionString = await arena.holdfastDatabase();
  await openShowsOn(connectionString, shows, seats);
  return connectionString;
}

/** Headers that a server makes by itself are not to be told to another one. */
const OWN_HEADERS = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/** Written as Holdfast writes them, which fetch does not tell. */
function headersOf(response: Response): Readonly<Record<string, string>> {
  const written = (name: string) => (name === 'etag' ? 'ETag' : name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()));
  return Object.fromEntries([...response.headers].flatMap(([name, value]) => (OWN_HEADERS.has(name) ? [] : [[written(name), value]])));
}

async function answersFrom(url: string, layer: Layer): Promise<void> {
  let said = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const response = await fetch(url);
    await response.arrayBuffer();
    said = `${response.status} from ${response.headers.get('holdfast-source')}`;
    if (said === `200 from ${layer}`) return;
  }
  throw new Error(`${url} was to be answered from ${layer}, but last was ${said}`);
}
