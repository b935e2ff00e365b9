import { fileURLToPath } from 'node:url';
import { ask } from '../support/api.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

const CLOCK = fileURLToPath(new URL('../support/clock-skew.mjs', import.meta.url));
/** Milliseconds within which everything has to be well again by itself. */
export const HEALS_WITHIN_MS = 60_000;

/** A service in a process of its own, with a network of its own between it and PostgreSQL. */
export interface Instance {
  readonly network: CuttingProxy;
  /** Milliseconds by which its clock is wrong from its start on. */
  readonly skewMs: number;
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
   * @param folder where PostgreSQL's data is to be; a temporary one by default.
   */
  static async start(skews: readonly number[], folder?: string): Promise<Cluster> {
    const postgres = await startOwnPostgres(folder);
    const instances: Instance[] = [];
    const cluster = new Cluster(postgres, instances);
    try {
      const started = skews.map(async (skewMs) => {
        const network = await startCuttingProxy(postgres.connectionString);
        instances.push({ network, skewMs, service: await serviceOf(network, skewMs) });
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

  async restart(instance: Instance): Promise<void> {
    instance.service = await serviceOf(instance.network, instance.skewMs);
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

function serviceOf(network: CuttingProxy, skewMs: number): Promise<SpawnedService> {
  const environment = { REDIS_URL: '', HOLDFAST_LOG_LEVEL: 'silent', HOLDFAST_TEST_CLOCK_SKEW_MS: String(skewMs) };
  return spawnService({ databaseUrl: network.connectionString }, { nodeOptions: ['--import', CLOCK], environment });
}
