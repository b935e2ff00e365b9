import { Redis } from 'ioredis';
import { countersDesk } from './counters.ts';
import { createPool } from './database.ts';
import type { Desk } from './desk.ts';
import { lockingDesk } from './locking.ts';
import { oneStatementDesk, optimisticDesk } from './optimistic.ts';
import { redisLockDesk } from './redis-lock.ts';
import { type Echo, echoInExpress, echoOnNode, inExpress, listen, onNode } from './servers.ts';

/**
 * One of the other sides as a service of its own: `program.ts <name>`, with DATABASE_URL, REDIS_SOCKET
 * and ECHO (an answer as JSON) in the environment where it needs them.
 */
const [name = ''] = process.argv.slice(2);

switch (name) {
  case 'crud-optimistic':
    listen(inExpress(optimisticDesk(pool())));
    break;
  case 'crud-node-http':
    listen(onNode(optimisticDesk(pool())));
    break;
  case 'crud-one-statement':
    listen(onNode(oneStatementDesk(pool())));
    break;
  case 'crud-counters':
    listen(onNode(countersDesk(pool())));
    break;
  case 'crud-locking':
    listen(inExpress(lockingDesk(pool())));
    break;
  case 'redis-lock':
    listen(inExpress(redisDesk()));
    break;
  case 'express-echo':
    listen(echoInExpress(echo()));
    break;
  case 'node-http':
    listen(echoOnNode(echo()));
    break;
  default:
    throw new Error(`there is no side "${name}"`);
}

function pool() {
  return createPool(setting('DATABASE_URL'));
}

function redisDesk(): Desk {
  return redisLockDesk(pool(), new Redis({ path: setting('REDIS_SOCKET') }));
}

function echo(): Echo {
  return JSON.parse(setting('ECHO')) as Echo;
}

function setting(key: string): string {
  const value = process.env[key];
  if (value === undefined) throw new Error(`${name} needs ${key} in its environment`);
  return value;
}
