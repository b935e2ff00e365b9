import type { Queryable } from '../checkpoints.ts';
import type { BuildId } from './build.ts';
import { isLockOf } from './registry.ts';

/** Who holds the build's lock and copies rows that have not come yet; `progress` changes with every byte, and from one copy to the next. */
const COPYING = `pg_locks k JOIN pg_stat_activity a USING (pid) JOIN pg_stat_progress_copy c USING (pid)
    CROSS JOIN LATERAL (SELECT format('%s %s %s', pid, a.query_start, c.bytes_processed) AS progress) AS seen
   WHERE ${isLockOf('$1')} AND a.wait_event = 'ClientRead'`;

/**
 * Looks at whoever holds the lock of a build, for those who stand by. The server ends a session by itself that
 * says nothing between its statements, but in the middle of a COPY it would wait for ever: no time limit of
 * the server's counts there, and a process that stands still keeps its connection.
 */
export class LockHolder {
  private readonly id: string;
  private readonly leaseMs: number;
  private seen: { readonly progress: string; readonly since: number } | null = null;

  /** @param leaseMs milliseconds for which a copy may stand still. */
  constructor({ name, build }: BuildId, leaseMs: number) {
    this.id = `${name}/${build}`;
    this.leaseMs = leaseMs;
  }

  /** Ends the holder's session when its copy has not moved for the whole lease; to be called again and again. @throws what the database throws. */
  async endWhenStill(database: Queryable): Promise<void> {
    const { rows } = await database.query<{ progress: string }>(`SELECT progress FROM ${COPYING}`, [this.id]);
    const progress = rows[0]?.progress;
    if (progress === undefined) this.seen = null;
    else if (this.seen?.progress !== progress) this.seen = { progress, since: performance.now() };
    else if (performance.now() - this.seen.since >= this.leaseMs)
      await database.query(`SELECT pg_terminate_backend(pid) FROM ${COPYING} AND progress = $2`, [this.id, progress]);
  }
}
