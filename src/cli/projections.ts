import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Holdfast } from '../main.ts';
import type { BuildOverview } from '../queries/projection-admin.ts';
import { wholeNumber } from './arguments.ts';
import { printJson, printLine, printTable } from './output.ts';
import { rebuild } from './projections/rebuild.ts';
import type { Wiring } from './wiring.ts';
import { withHoldfast } from './with-holdfast.ts';

/** Whoever gives the word is put on record with it. */
const BY = ['--by <name>', 'who gives the word, for the record', userName()] as const;
const BUILD = ['--build <number>', 'which build, where it is not plain', wholeNumber(1, 1_000_000)] as const;

/** `holdfast projections …`: read models, their builds, and the words that change them. */
export function register(program: Command, wiring: Wiring): void {
  const command = program.command('projections').description('see, rebuild and switch read models');
  const opened = (work: Parameters<typeof withHoldfast>[1]): Promise<void> => withHoldfast(wiring, work);

  command
    .command('list')
    .description('print every build: its state, how far it is, who reads it')
    .option('--json', 'print one JSON document')
    .action(({ json }: { json?: boolean }) => opened((parts) => list(parts, json === true)));

  command
    .command('rebuild <name>')
    .description('build a read model anew from the log, beside the one that is read; interrupted, it is gone on with by the same command')
    .option('--switch', 'let it take its place once it was found equal')
    .option(...BY)
    .action((name: string, how: { switch?: boolean; by: string }) =>
      opened((parts, interruption) => rebuild(parts, name, how, interruption)),
    );

  command
    .command('switch <name>')
    .description('read another build from now on')
    .option(...BUILD)
    .option('--despite-differences', 'even if it was not found equal to the one that is read')
    .option(...BY)
    .action((name: string, { by, ...how }: { by: string; build?: number; despiteDifferences?: boolean }) =>
      opened(async ({ builds }) => printLine(`Build ${(await builds.switchTo(name, by, how)).build} of ${name} is read from now on.`)),
    );

  command
    .command('cancel <name>')
    .description('give up a build that is on its way')
    .option(...BY)
    .action((name: string, { by }: { by: string }) =>
      opened(async ({ builds }) => printLine(`Build ${(await builds.cancel(name, by)).build} of ${name} is given up.`)),
    );

  command
    .command('drop <name>')
    .description('remove a build that nobody reads any more')
    .option(...BUILD)
    .option(...BY)
    .action((name: string, { by, build }: { by: string; build?: number }) =>
      opened(async ({ builds }) => printLine(`Build ${(await builds.drop(name, by, build)).build} of ${name} is removed.`)),
    );

  command
    .command('skip')
    .description('set aside the event that a read model stopped at, and go on behind it')
    .argument('<name>')
    .argument('<position>', 'of the event in the log', wholeNumber(1, 999_999_999_999))
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...BY)
    .action((name: string, position: number, { by, reason }: { by: string; reason: string }) =>
      opened(async ({ builds }) => {
        const { build } = await builds.skip(name, position, by, reason);
        printLine(`Build ${build} of ${name} goes on without the event at position ${position}.`);
      }),
    );

  command
    .command('retry <name>')
    .description('let a read model that stopped at an event try it once more')
    .option(...BY)
    .action((name: string, { by }: { by: string }) =>
      opened(async ({ builds }) => {
        for (const { build } of await builds.retry(name, by)) printLine(`Build ${build} of ${name} tries again.`);
      }),
    );
}

async function list({ projections }: Holdfast, json: boolean): Promise<void> {
  const views = await projections.list();
  if (json) return printJson(views);
  const builds = views.flatMap(({ live, others }) => [...(live === null ? [] : [live]), ...others]);
  printTable(['projection', 'build', 'version', 'state', 'position', 'behind', 'seconds', 'read by', 'skipped', ''], builds.map(rowOf));
}

function rowOf(build: BuildOverview): readonly (string | number)[] {
  const { name, version, state, position, lagEvents, lagSeconds, readers, skipped } = build;
  return [name, build.build, version, state, position, lagEvents, lagSeconds.toFixed(1), readers, skipped, noteOn(build)];
}

/** What an operator does something about. */
function noteOn({ failure, progress, comparison, live, inHand, state }: BuildOverview): string {
  if (failure !== null) return failure.error;
  if (progress !== null) return `${progress.eventsPerSecond} events/s, ${progress.secondsLeft} s left`;
  if (!inHand && state !== 'retired') return 'nobody works on it';
  return live || comparison === null ? '' : `compared: ${comparison.verdict}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not have a name.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
