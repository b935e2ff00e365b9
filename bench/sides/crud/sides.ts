import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Arena, withClient } from '../../arena.ts';
import { type HttpSide, withoutShows } from '../http-side.ts';
import { NODE_OPTIONS } from '../node-options.ts';
import { startService } from '../service.ts';
import { COUNT_SEATS, COUNTERS_SCHEMA } from './counters.ts';
import { SCHEMA } from './database.ts';
import type { Echo } from './servers.ts';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

export type CrudName = 'crud-optimistic' | 'crud-node-http' | 'crud-one-statement' | 'crud-counters' | 'crud-locking' | 'redis-lock';

/** A booking service with rows of seats, on a database of its own. */
export async function startCrudSide(arena: Arena, name: CrudName, redisSocket = ''): Promise<HttpSide> {
  const keepsCounts = name === 'crud-counters';
  const connectionString = await arena.database(keepsCounts ? COUNTERS_SCHEMA : SCHEMA);
  const environment = { DATABASE_URL: connectionString, REDIS_SOCKET: redisSocket };
  const { port, pid, stop } = await startService([...NODE_OPTIONS, '--import', 'tsx', PROGRAM, name], environment);
  return {
    name,
    port,
    pid,
    mostPerSecond: 10_000,
    openShows: (shows, seats) =>
      withClient(connectionString, async (client) => {
        await client.query(
          `INSERT INTO show_seats (show_id, seat_id, category, price)
           SELECT show, 'S' || seat, 'gold', 4500 FROM unnest($1::text[]) AS show, generate_series(0, $2::int - 1) AS seat`,
          [shows, seats],
        );
        if (keepsCounts) await client.query(COUNT_SEATS, [shows]);
        await client.query(`VACUUM ANALYZE show_seats${keepsCounts ? ', seat_counts' : ''}`);
      }),
    rest: async () => undefined,
    remarks: async () => [],
    stop,
  };
}

/** A server that reads a request's JSON and sends the same bytes whatever it says. */
export async function startEchoSide(name: 'express-echo' | 'node-http', echo: Echo): Promise<HttpSide> {
  const words = [...NODE_OPTIONS, '--import', 'tsx', PROGRAM, name];
  return withoutShows(name, await startService(words, { ECHO: JSON.stringify(echo) }));
}

/** Null, with a word on why, where no redis-server is installed. */
export async function startRedisLockSide(arena: Arena): Promise<HttpSide | null> {
  const socket = join(arena.folder, 'redis.sock');
  const words = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', arena.folder];
  const redis = spawn('redis-server', words, { stdio: 'ignore' });
  const failed = once(redis, 'error');
  for (let waited = 0; !existsSync(socket); waited += 50) {
    const missing = await Promise.race([failed.then(() => true), pause(50, false)]);
    if (missing || waited > 5_000) {
      console.log('redis-lock is left out: there is no redis-server here');
      redis.kill();
      return null;
    }
  }
  const side = await startCrudSide(arena, 'redis-lock', socket);
  return {
    ...side,
    async stop() {
      await side.stop();
      redis.kill();
    },
  };
}
