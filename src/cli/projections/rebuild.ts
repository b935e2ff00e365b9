import type { Holdfast } from '../../main.ts';
import { isFit } from '../../projections/builds/compare.ts';
import type { BuildOverview, ProjectionAdmin } from '../../queries/projection-admin.ts';
import type { Interruption } from '../interruption.ts';
import { printLine, startProgress } from '../output.ts';

/** How often the build is looked at, in milliseconds. */
const LOOK_MS = 200;

/**
 * Begins a rebuild, or goes on with one, and stays until it has caught up (or is read, where that was
 * asked for). This process works on it unless a service is faster to take it; interrupted, whoever runs
 * projections next goes on. The exit code is 1 unless it has come that far and was found right.
 *
 * @throws Error with what to do when the build stops, or when there is one that waits to be switched to.
 */
export async function rebuild(
  { builds, projections, runner, store }: Pick<Holdfast, 'builds' | 'projections' | 'runner' | 'store'>,
  name: string,
  { by, switch: andSwitch = false }: { readonly by: string; readonly switch?: boolean },
  interruption: Interruption,
): Promise<void> {
  const { build, position: from, state, comparison } = await builds.rebuild(name, by, andSwitch);
  if (state === 'caught-up' && !andSwitch) throw new Error(waiting(name, build, comparison));
  const progress = startProgress(`${name}, build ${build}`, { total: (await store.headPosition()) - from });
  runner.start();
  let seen: BuildOverview | null = null;
  try {
    for (;;) {
      seen = await find(projections, name, build);
      if (seen === null || interruption.wanted || isThere(seen, andSwitch)) break;
      progress.update(seen.position - from, seen.progress === null ? seen.state : `${seen.progress.eventsPerSecond} events/s`);
      await pause(interruption);
    }
  } finally {
    progress.finish();
  }
  for (const line of outcome(name, build, seen)) printLine(line);
  if (seen?.state !== 'live' && !(seen?.state === 'caught-up' && isFit(seen.comparison))) process.exitCode = 1;
}

/** Whether there is nothing to wait for any more. */
function isThere(seen: BuildOverview, andSwitch: boolean): boolean {
  if (seen.failure !== null || seen.state === 'live') return true;
  return seen.state === 'caught-up' && !(andSwitch && isFit(seen.comparison));
}

/** A comparison is of one moment: what was damaged since then would not be found by telling it once more. */
function waiting(name: string, build: number, comparison: BuildOverview['comparison']): string {
  const compared =
    comparison === null ? 'was not compared' : `was compared at position ${comparison.position ?? 'none'}: ${comparison.verdict}`;
  return (
    `build ${build} of ${name} has caught up before, and ${compared}. It is not built or compared again: ` +
    `let it be read with "holdfast projections switch ${name}", or give it up with "holdfast projections cancel ${name}" and begin anew.`
  );
}

function outcome(name: string, build: number, seen: BuildOverview | null): readonly string[] {
  if (seen === null) throw new Error(`build ${build} of ${name} was given up by somebody`);
  const { state, failure, comparison, position } = seen;
  if (failure !== null) throw new Error(`build ${build} of ${name} stopped: ${failure.error}`);
  if (state === 'live') return [`Build ${build} of ${name} is read from now on.`];
  if (state !== 'caught-up') return [`Build ${build} of ${name} is left at position ${position}; the same command goes on with it.`];
  const tables =
    comparison?.tables.map(({ table, rows, liveRows, equal }) => `${table} ${rows} rows, ${equalInWords(equal, liveRows)}`) ?? [];
  const verdict = `Build ${build} of ${name} has caught up, compared with the live one: ${comparison?.verdict ?? 'not compared'}.`;
  const further = isFit(seen.comparison) ? '' : ' --despite-differences';
  return [verdict, ...tables.map((line) => `  ${line}`), `"holdfast projections switch ${name}${further}" lets it be read.`];
}

function equalInWords(equal: boolean | null, liveRows: number | null): string {
  if (equal === null) return 'new';
  return equal ? 'the same' : `different (${liveRows} live)`;
}

async function find(projections: ProjectionAdmin, name: string, build: number): Promise<BuildOverview | null> {
  const view = (await projections.list()).find((one) => one.name === name);
  return [view?.live, ...(view?.others ?? [])].find((one) => one?.build === build) ?? null;
}

function pause(interruption: { onWanted(listener: () => void): void }): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LOOK_MS);
    interruption.onWanted(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
