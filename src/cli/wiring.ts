import type { CommandService } from '../commands/command-service.ts';

/** Where the data is. */
export interface DataSource {
  /** `postgres://…`; null for the embedded PostgreSQL in `dataFolder`. */
  readonly databaseUrl: string | null;
  readonly dataFolder: string;
}

/** The opened parts, as far as the commands here need them. */
export interface OpenedParts {
  readonly commands: CommandService;
  close(): Promise<void>;
}

/**
 * What the commands get from the composition root. It is loaded by a command when it runs, not
 * before, so that `--help` and wrong usage answer at once.
 *
 * `openHoldfast` throws an Error whose message is for the user when the data cannot be opened, for
 * example because a running service uses the data folder.
 */
export interface CompositionRoot {
  openHoldfast(source: DataSource): Promise<OpenedParts>;
}

export interface Wiring {
  readonly environment: Readonly<Record<string, string | undefined>>;
  load(): Promise<CompositionRoot>;
}

/** Reads DATABASE_URL and HOLDFAST_DATA_DIR (default `./data`). */
export function dataSourceOf(environment: Wiring['environment']): DataSource {
  return { databaseUrl: environment.DATABASE_URL || null, dataFolder: environment.HOLDFAST_DATA_DIR || './data' };
}
