import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

/** A Redis that a test has for itself, and may treat badly. It keeps nothing on disk: started again, it is empty. */
export interface OwnRedis {
  /** The same for as long as it lives, whatever is done to it. */
  readonly url: string;
  /** Ends it with SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again where it was, empty. */
  restart(): Promise<void>;
  /** It keeps its connections, and takes new ones, but answers nothing until `resume`. */
  pause(): void;
  resume(): void;
}

/** A server that all describes of the process share; each has a logical database of it. */
interface SharedRedis {
  /** The URL of an empty database. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** Logical databases of the shared server: one for each describe that asks, with room to spare. */
const DATABASES = 256;
/** Milliseconds for a container, its image included; a machine that has to fetch one for longer goes without. */
const CONTAINER_BOUND_MS = 60_000;
/** Milliseconds for the program to say that it is ready: some 20 on a quiet machine. */
const READY_BOUND_MS = 10_000;
/** Another process may take the port between the look and the use. */
const PORT_TRIES = 5;

const programs = new Set<RedisProgram>();
let shared: Promise<SharedRedis | null> | null = null;

process.once('exit', () => {
  for (const program of programs) void program.kill();
});

// Runs once, after the last test of the process, when surely nobody is connected any more.
after('stop the Redis of the tests', async function () {
  this.timeout(30_000);
  await (await shared?.catch(() => null))?.stop();
  for (const program of programs) await program.kill();
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

/** Describes the same situation twice: for services without a shared layer, and for services with one. */
export function withAndWithoutRedis(situation: string, body: (this: Mocha.Suite, redisUrl: () => string | null) => void): void {
  describe(situation, function () {
    body.call(this, () => null);
  });
  describe(`${situation}, with Redis`, function () {
    body.call(this, withRedis());
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
  return (await startContainer()) ?? (await numbered(await startRedis()));
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

/**
 * Starts a Redis of the caller's own; it ends with the tests, unless it is killed before.
 *
 * @returns null where the program is not there.
 */
export async function startRedis(): Promise<OwnRedis | null> {
  for (let tries = 1; ; tries += 1) {
    const program = new RedisProgram(await freePort());
    try {
      await program.restart();
      programs.add(program);
      return program;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      if (tries === PORT_TRIES) throw error;
    }
  }
}

class RedisProgram implements OwnRedis {
  readonly url: string;
  private readonly port: number;
  private child: ChildProcess | null = null;

  constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async restart(): Promise<void> {
    await this.kill();
    const settings = ['--port', this.port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--databases', DATABASES];
    const child = spawn('redis-server', settings.map(String), { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    await ready(child);
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const bound = setTimeout(() => child.kill('SIGKILL'), READY_BOUND_MS);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended before it was ready: ${said}`)));
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      if (!line.includes('Ready to accept connections')) {
        said += `${line}\n`;
        return;
      }
      clearTimeout(bound);
      resolve();
    });
    child.once('close', () => clearTimeout(bound));
  });
}

/**
 * A port below those that the system hands out by itself: a client that tries a dead server again and
 * again is given one of these at some time, takes it for its own end, and would be talking to itself.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await new Promise<boolean>((resolve) => probe.once('listening', () => resolve(true)).once('error', () => resolve(false)));
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
