import { startHoldfast } from '../../src/main.ts';

/** Holdfast as `holdfast serve` starts it, with the bounds that a bench sets by the environment. */

const { DATABASE_URL = '', REDIS_URL, MEMORY_BYTES, CORS_ORIGIN } = process.env;
const service = await startHoldfast({
  databaseUrl: DATABASE_URL,
  dataFolder: '',
  host: '127.0.0.1',
  port: 0,
  corsOrigins: CORS_ORIGIN === undefined ? [] : [CORS_ORIGIN],
  releaseProcess: false,
  logLevel: 'warn',
  ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
  ...(MEMORY_BYTES === undefined ? {} : { memoryBytes: Number(MEMORY_BYTES) }),
});
process.on('SIGTERM', () => void service.stop());
process.stdout.write(`Holdfast serves at ${service.url}\n`);
