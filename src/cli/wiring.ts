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

/** Reads DATABASE_URL and HOLDFAST_DATA_DIR (default `./data`). */
export function dataSourceOf(environment: Wiring['environment']): DataSource {
  return { databaseUrl: environment.DATABASE_URL || null, dataFolder: environment.HOLDFAST_DATA_DIR || './data' };
}
