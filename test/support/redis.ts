import { Redis } from 'ioredis';
import { DATABASES, endRedisServers, type OwnRedis, READY_BOUND_MS, startRedis } from './redis-server.ts';

/** A server that all describes of the process share; each has a logical database of it. */
interface SharedRedis {
  /** The URL of an empty database. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** Milliseconds for a container, its image included; a machine that has to fetch one for longer goes without. */
const CONTAINER_BOUND_MS = 60_000;
let shared: Promise<SharedRedis | null> | null = null;

// Runs once, after the last test of the process, when surely nobody is connected any more.
after('stop the Redis of the tests', async function () {
  this.timeout(30_000);
  await (await shared?.catch(() => null))?.stop();
  await endRedisServers();
});

/**
 * Gives the surrounding `describe` an empty Redis; the answer tells its URL once the tests run. It is the
 * server that HOLDFAST_TEST_REDIS_URL names (whose database is emptied), else a container, else the
 * program `redis-server`; on a machine that has none of them the tests are skipped.
 */
export function withRedis(): () => string {
  let url: string | null = null;
  before('empty a Redis', async function () {
    this.timeout(CONTAINER_BOUND_MS + 2 * READY_BOUND_MS);
    shared ??= startShared();
    const server = await shared;
    if (server === null) return this.skip();
    url = await server.database();
  });
  return () => present(url);
}

/** What a service is started with to have the layers that a test is about. */
export interface Layers {
  readonly redisUrl?: string;
  readonly memoryBytes?: number;
}

/**
 * Describes the same situation twice: for services that read from memory and PostgreSQL, and for services
 * with a Redis between them whose memory keeps nothing, so that what memory would answer comes from there.
 */
export function withAndWithoutRedis(situation: string, body: (this: Mocha.Suite, layers: () => Layers) => void): void {
  describe(situation, function () {
    body.call(this, () => ({}));
  });
  describe(`${situation}, with Redis`, function () {
    const url = withRedis();
    body.call(this, () => ({ redisUrl: url(), memoryBytes: 0 }));
  });
}

/** Gives the surrounding `describe` a Redis of its own. Only the program will do; without it the tests are skipped. */
export function withOwnRedis(): () => OwnRedis {
  let redis: OwnRedis | null = null;
  before('start a Redis', async function () {
    redis = await startRedis();
    if (redis === null) this.skip();
  });
  return () => present(redis);
}

function present<Part>(part: Part | null): Part {
  if (part === null) throw new Error('The Redis is there only while the tests run.');
  return part;
}

async function startShared(): Promise<SharedRedis | null> {
  const outside = process.env.HOLDFAST_TEST_REDIS_URL;
  if (outside !== undefined && outside !== '') return { database: () => emptied(outside), stop: async () => undefined };
  return (await startContainer()) ?? numbered(await startRedis());
}

/** @returns null without a container runtime, which is told at once, or when there is no container within the bound. */
async function startContainer(): Promise<SharedRedis | null> {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  if ((await getContainerRuntimeClient().catch(() => null)) === null) return null;
  const starting = new GenericContainer('redis:7-alpine')
    .withCommand(['redis-server', '--save', '', '--appendonly', 'no', '--databases', String(DATABASES)])
    .withExposedPorts(6379)
    .start();
  const container = await Promise.race([starting.catch(() => null), late(CONTAINER_BOUND_MS)]);
  if (container === null) {
    // One that comes after all is not left running.
    starting.then((unwanted) => unwanted.stop()).catch(() => undefined);
    return null;
  }
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
  return { ...numbering(url), stop: async () => void (await container.stop()) };
}

function numbered(program: OwnRedis | null): SharedRedis | null {
  return program === null ? null : { ...numbering(program.url), stop: () => program.kill() };
}

function numbering(server: string): Pick<SharedRedis, 'database'> {
  let used = 0;
  return { database: () => emptied(`${server}/${used++ % DATABASES}`) };
}

async function emptied(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null });
  try {
    await client.connect();
    await client.flushdb();
  } finally {
    client.disconnect();
  }
  return url;
}

function late(milliseconds: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, null).unref();
  });
}
