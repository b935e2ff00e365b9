import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script on one key, sent by its hash; its text goes along only when Redis does not know it. */
export class Script {
  private readonly lua: string;
  private readonly hash: string;

  constructor(lua: string) {
    this.lua = lua;
    this.hash = createHash('sha1').update(lua).digest('hex');
  }

  async run(redis: Redis, key: string, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.hash, 1, key, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.lua, 1, key, ...args);
    }
  }
}
