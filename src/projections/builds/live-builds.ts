import { checkpointOf, type Queryable } from '../checkpoints.ts';
import type { Projection, ProjectionRelease, Row, Table } from '../projection.ts';
import { type BuildId, schemaOf } from './build.ts';

/** A pointer that was read longer ago, in milliseconds, is read again before it is gone by. */
const MAX_AGE_MS = 5_000;

/** A build as statements name it. */
export interface ReadableBuild extends BuildId {
  /** The definition that made its rows. A release that changes columns asks for its version before it names them. */
  readonly projection: Projection;
  readonly schema: string;
  /** SQL expression: the position that the rows of the same statement are as of. */
  readonly position: string;
  /** The table's name in SQL. */
  table(table: Table<Row>): string;
}

/** No build of the projection can be read: there is none, or it was made by a version that this release does not have. */
export class NoBuildError extends Error {
  override readonly name = 'NoBuildError';
}

/**
 * Which build of each projection this process reads. It follows the pointers in the database: the
 * runner looks every fraction of a second, and where none runs, whoever asks after a while looks.
 * A pointer to a version that this release does not know is not followed.
 */
export class LiveBuilds {
  private readonly database: Queryable;
  private readonly definitions: readonly Projection[];
  private readonly builds = new Map<string, ReadableBuild>();
  private readonly listeners = new Set<(build: ReadableBuild) => void>();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | null = null;

  constructor(database: Queryable, releases: readonly ProjectionRelease[]) {
    this.database = database;
    this.definitions = releases.flatMap(({ current, previous }) => (previous === undefined ? [current] : [current, previous]));
  }

  /** The build to read. @throws NoBuildError, and what the database throws. */
  async current({ name }: Pick<Projection, 'name'>): Promise<ReadableBuild> {
    if (performance.now() - this.readAt > MAX_AGE_MS || !this.builds.has(name)) await this.refresh();
    const build = this.builds.get(name);
    if (build === undefined) throw new NoBuildError(`there is no build of ${name} that this release can read`);
    return build;
  }

  /** The build as last known; null before the first look. */
  peek({ name }: Pick<Projection, 'name'>): ReadableBuild | null {
    return this.builds.get(name) ?? null;
  }

  all(): readonly ReadableBuild[] {
    return [...this.builds.values()];
  }

  /** Calls the listener when another build is read from now on. @returns the way to stop. */
  onSwitch(listener: (build: ReadableBuild) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks at the pointers; those who come meanwhile share the look. */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    const askedAt = performance.now();
    const { rows } = await this.database.query<BuildId & { version: number }>(
      'SELECT name, build, version FROM holdfast.live_projections JOIN holdfast.projection_builds USING (name, build)',
    );
    this.readAt = askedAt;
    for (const { name, build, version } of rows) {
      const projection = this.definitions.find((one) => one.name === name && one.version === version);
      if (projection === undefined || this.builds.get(name)?.build === build) continue;
      const readable = readableBuild({ name, build }, projection);
      this.builds.set(name, readable);
      for (const listener of this.listeners) listener(readable);
    }
  }
}

export function readableBuild(id: BuildId, projection: Projection): ReadableBuild {
  const schema = schemaOf(id);
  return { ...id, projection, schema, position: checkpointOf(id), table: ({ name }) => `${schema}.${name}` };
}

/** A statement whose text depends on the build: composed once for each. */
export function perBuild(compose: (build: ReadableBuild) => string): (build: ReadableBuild) => string {
  const texts = new Map<string, string>();
  return (build) => {
    let text = texts.get(build.schema);
    if (text === undefined) {
      text = compose(build);
      texts.set(build.schema, text);
    }
    return text;
  };
}
