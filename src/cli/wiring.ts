import type { DataSource } from '../main.ts';

/**
 * What the commands get from the composition root. It is loaded by a command when it runs, not
 * before, so that `--help` and wrong usage answer at once.
 */
export type CompositionRoot = Pick<typeof import('../main.ts'), 'openHoldfast' | 'startHoldfast'>;

export interface Wiring {
  readonly environment: Readonly<Record<string, string | undefined>>;
  load(): Promise<CompositionRoot>;
}

const POSTGRES_URL = /^postgres(ql)?:\/\//;

/**
 * Reads DATABASE_URL and HOLDFAST_DATA_DIR (default `./data`).
 *
 * @throws Error for a DATABASE_URL that is none: the client would look for a host in it and tell of that.
 */
export function dataSourceOf(environment: Wiring['environment']): DataSource {
  const databaseUrl = environment.DATABASE_URL || null;
  if (databaseUrl !== null && !(POSTGRES_URL.test(databaseUrl) && URL.canParse(databaseUrl))) {
    throw new Error('DATABASE_URL must be like postgres://user:password@host:5432/database');
  }
  return { databaseUrl, dataFolder: environment.HOLDFAST_DATA_DIR || './data' };
}
