import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { toOpenSlot } from '../commands/schemas/to-slot.ts';
import { sampleSlots } from '../integrations/sample.ts';
import type { Service } from '../main.ts';
import { checkRedisUrl } from '../projections/redis/redis-url.ts';
import { boundHeapGrowth } from './heap-growth.ts';
import { untilInterrupted } from './interruption.ts';
import { printLine } from './output.ts';
import { dataSourceOf, type Wiring } from './wiring.ts';

const DEFAULT_PORT = 8080;

export function register(program: Command, { environment, load }: Wiring): void {
  program
    .command('serve')
    .description(
      'Serve HTTP until SIGINT, SIGTERM or SIGHUP. Without DATABASE_URL a PostgreSQL of its own keeps the data in HOLDFAST_DATA_DIR.',
    )
    .option('--sample', 'open a small sample to book in when the embedded data folder is empty')
    .action(async ({ sample }: { sample?: boolean }) => {
      boundHeapGrowth();
      const { startHoldfast } = await load();
      // From here on a signal ends the service in good order; one that comes during the start, as soon as it has started.
      const interruption = untilInterrupted();
      const service = await startHoldfast({
        ...dataSourceOf(environment),
        ...redisOf(environment.REDIS_URL),
        host: environment.HOLDFAST_HOST || '127.0.0.1',
        port: portOf(environment.HOLDFAST_PORT),
        corsOrigins: originsOf(environment.HOLDFAST_CORS_ORIGINS),
        releaseProcess: true,
        logLevel: logLevelOf(environment.HOLDFAST_LOG_LEVEL),
      });
      try {
        if (sample === true && !environment.DATABASE_URL) await openSample(service);
        if (!interruption.wanted) tellAddress(service);
        await new Promise<void>((resolve) => interruption.onWanted(resolve));
      } finally {
        // It stops whether the line can be written or not.
        const stopped = service.stop();
        printLine('Stopping: finishing what is in hand.');
        await stopped;
      }
    });
}

function tellAddress({ url }: Service): void {
  printLine(`Holdfast serves at ${url} (documentation: ${url}/docs)`);
  printLine('There is no authentication yet: whoever reaches this address may do everything.');
}

/** What `listen` is given; an empty or absent setting is the default. */
function portOf(setting: string | undefined): number {
  if (setting === undefined || setting === '') return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(setting) ? Number(setting) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`HOLDFAST_PORT must be a port number, not "${setting}"`);
  return port;
}

/** Without the setting there is no shared layer. @throws Error for a URL that is none of Redis. */
function redisOf(setting: string | undefined): { readonly redisUrl?: string } {
  return setting === undefined || setting === '' ? {} : { redisUrl: checkRedisUrl(setting) };
}

/** An origin is compared as the browser sends it, so what is not written like one would never match. */
function originsOf(setting: string | undefined): readonly string[] {
  const origins = (setting ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  const wrong = origins.find((origin) => origin !== '*' && !(URL.canParse(origin) && new URL(origin).origin === origin));
  if (wrong !== undefined) throw new Error(`HOLDFAST_CORS_ORIGINS must hold origins such as https://tickets.example, not "${wrong}"`);
  return origins;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function logLevelOf(setting: string | undefined): string {
  const level = setting || 'info';
  if (!LOG_LEVELS.includes(level)) throw new Error(`HOLDFAST_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${level}"`);
  return level;
}

/** The sample can be searched before the address is told; past the bound it will be soon after. */
const SAMPLE_VIEW_BOUND_MS = 5_000;

async function openSample({ commands, queries, store }: Service): Promise<void> {
  if ((await store.headPosition()) > 0) return;
  for (const input of sampleSlots(store.now())) {
    const mapped = toOpenSlot(input, input.slotId);
    if (mapped.kind === 'faulty') throw new Error(`the sample slot ${input.slotId} is faulty: ${JSON.stringify(mapped.faults)}`);
    await commands.execute(input.slotId, mapped.value, {
      commandId: null,
      commandHash: null,
      ifMatch: null,
      actor: 'sample',
      correlationId: randomUUID(),
    });
  }
  await queries.waitForPosition('slots', await store.headPosition(), SAMPLE_VIEW_BOUND_MS);
}
