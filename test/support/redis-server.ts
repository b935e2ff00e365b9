import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

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

/** Logical databases of a server: one for each describe that asks, with room to spare. */
export const DATABASES = 256;
/** Milliseconds for the program to say that it is ready: some 20 on a quiet machine. */
export const READY_BOUND_MS = 10_000;
/** Another process may take the port between the look and the use. */
const PORT_TRIES = 5;

const programs = new Set<RedisProgram>();

process.once('exit', () => {
  for (const program of programs) void program.kill();
});

/** Ends all that were started. */
export async function endRedisServers(): Promise<void> {
  for (const program of programs) await program.kill();
}

/**
 * Starts a Redis of the caller's own; it ends with this process, if not before.
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
