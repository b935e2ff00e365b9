import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ask } from '../support/api.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLOCK = fileURLToPath(new URL('../support/clock-skew.mjs', import.meta.url));
const ENVIRONMENT = { REDIS_URL: '', HOLDFAST_LOG_LEVEL: 'silent' };
/** Milliseconds within which everything has to be well again by itself. */
export const HEALS_WITHIN_MS = 60_000;

/** A service in a process of its own, with a network of its own between it and PostgreSQL. */
export interface Instance {
  readonly network: CuttingProxy;
  readonly environment: Readonly<Record<string, string>>;
  service: SpawnedService;
}

/** Several services on one PostgreSQL, all of which may be treated badly. */
export class Cluster {
  readonly postgres: OwnPostgres;
  readonly instances: readonly Instance[];

  private constructor(postgres: OwnPostgres, instances: readonly Instance[]) {
    this.postgres = postgres;
    this.instances = instances;
  }

  /**
   * @param skews one service for each, whose clock is wrong by so many milliseconds.
   * @param options.folder where PostgreSQL's data is to be; a temporary one by default.
   * @param options.clockStepMs milliseconds by which a service's clock is set on at each SIGUSR2.
   */
  static async start(
    skews: readonly number[],
    { folder, clockStepMs = 0 }: { readonly folder?: string; readonly clockStepMs?: number } = {},
  ): Promise<Cluster> {
    const postgres = await startOwnPostgres(folder);
    const instances: Instance[] = [];
    const cluster = new Cluster(postgres, instances);
    try {
      const started = skews.map(async (skewMs, index) => {
        const network = await startCuttingProxy(postgres.connectionString);
        const environment = {
          ...ENVIRONMENT,
          PGAPPNAME: `instance ${index}`,
          HOLDFAST_TEST_CLOCK_SKEW_MS: String(skewMs),
          HOLDFAST_TEST_CLOCK_STEP_MS: String(clockStepMs),
        };
        instances.push({ network, environment, service: await serviceOf(network, environment) });
      });
      const failed = (await Promise.allSettled(started)).find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return cluster;
    } catch (error) {
      await cluster.end();
      throw error;
    }
  }

  /** Where they serve, or did before they were killed. */
  readonly urls = (): readonly string[] => this.instances.map(({ service }) => service.url);

  /** Who keeps the view of slots up to date. */
  async keeper(): Promise<Instance> {
    const client = new pg.Client({ connectionString: this.postgres.connectionString });
    await client.connect();
    try {
      const { rows } = await client.query<{ application_name: string }>(
        `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid), holdfast.projection_builds
          WHERE locktype = 'advisory' AND granted AND name = 'inventory'
            AND objid = (hashtext(name || '/' || build)::bigint & 4294967295)::oid`,
      );
      return this.instances.find(({ environment }) => environment.PGAPPNAME === rows[0]?.application_name)!;
    } finally {
      await client.end();
    }
  }

  /** As whoever runs it would do. @returns whether it was gone. */
  async restartPostgresIfGone(): Promise<boolean> {
    if (await this.postgres.isRunning()) return false;
    await this.postgres.restart();
    return true;
  }

  async restart(instance: Instance): Promise<void> {
    instance.service = await serviceOf(instance.network, instance.environment);
  }

  async ready(): Promise<void> {
    for (const { service } of this.instances)
      await waitUntil(
        `${service.url} is ready`,
        async () => (await ask(service.url, '//readyz').catch(() => null))?.status === 200,
        HEALS_WITHIN_MS,
      );
  }

  async end(): Promise<void> {
    for (const { service, network } of this.instances) {
      await service.end('SIGKILL');
      await network.shut();
    }
    await this.postgres.end();
  }
}

function serviceOf(network: CuttingProxy, environment: Instance['environment']): Promise<SpawnedService> {
  return spawnService({ databaseUrl: network.connectionString }, { nodeOptions: ['--import', CLOCK], environment });
}
