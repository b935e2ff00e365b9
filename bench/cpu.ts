import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

interface ProcessTime {
  readonly parent: number;
  /** Milliseconds, with those of children that have ended. */
  readonly milliseconds: number;
}

/** Processor time, in milliseconds since their start, of processes that are measured. */
export interface ProcessorTimes {
  readonly service: number;
  readonly database: number;
  readonly load: number;
}

/**
 * Reads /proc. The database is the server and all of its processes.
 *
 * @returns null on a system that has no /proc.
 */
export function processorTimes(pids: {
  readonly service: number;
  readonly load: number;
  readonly database: number;
}): ProcessorTimes | null {
  const service = timeOf(pids.service);
  const load = timeOf(pids.load);
  const postmaster = timeOf(pids.database);
  if (service === null || load === null || postmaster === null) return null;
  const backends = readdirSync('/proc')
    .map((entry) => (/^\d+$/.test(entry) ? timeOf(Number(entry)) : null))
    .filter((time) => time?.parent === pids.database);
  const database = backends.reduce((sum, time) => sum + (time?.milliseconds ?? 0), postmaster.milliseconds);
  return { service: service.milliseconds, load: load.milliseconds, database };
}

function timeOf(pid: number): ProcessTime | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name stands in parentheses and may hold anything; see proc(5) for the fields behind it.
  const nameEnd = stat.lastIndexOf(')');
  const fields = stat
    .slice(nameEnd + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return { parent: fields[1] ?? 0, milliseconds: (user + system + childrenUser + childrenSystem) * TICK_MS };
}
