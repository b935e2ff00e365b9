import { readFileSync } from 'node:fs';
import { debuglog } from 'node:util';
import { Command, CommanderError } from 'commander';
import { printable } from './printable.ts';
import type { CompositionRoot, Wiring } from './wiring.ts';

/** Adds one command, with its options and action, to the program. */
export type RegisterCommand = (program: Command, wiring: Wiring) => void;

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly register: RegisterCommand }>;
}

/** Only the command that is asked for is loaded. */
const COMMANDS: readonly CommandEntry[] = [
  { name: 'serve', summary: 'serve HTTP', load: () => import('./serve.ts') },
  { name: 'import', summary: 'import timetables, seating plans and seat maps', load: () => import('./import.ts') },
  { name: 'replay', summary: 'print what happened to a stream, and what it came to', load: () => import('./replay.ts') },
  { name: 'explain', summary: 'say in sentences who had a unit, and why it is or is not free', load: () => import('./explain.ts') },
  { name: 'events', summary: 'print the log, and follow it', load: () => import('./events.ts') },
  { name: 'projections', summary: 'see, rebuild and switch read models', load: () => import('./projections.ts') },
  { name: 'verify', summary: 'check everything that is stored', load: () => import('./verify.ts') },
  { name: 'rush', summary: 'send many buyers after one slot, and judge what they were told', load: () => import('./rush.ts') },
];

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Runs one command line (without node and script) and answers the exit code: 0 done, 1 failed or a
 * check did not hold, 2 wrong usage. Failures are told in one line on stderr; NODE_DEBUG=holdfast
 * adds the stack.
 */
export async function run(args: readonly string[], load: () => Promise<CompositionRoot>): Promise<number> {
  endOnLostOutput();
  const program = new Command('holdfast')
    .description('A booking engine that never sells one thing twice.')
    .version(packageVersion())
    // `replay --version 3` is about the stream, not about the program.
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  try {
    // `help import` and `import --help` are about the same command.
    const asked = args.find((word) => word !== 'help');
    await registerCommands(program, asked, { environment: process.env, load });
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportFailure(error);
  }
}

async function registerCommands(program: Command, asked: string | undefined, wiring: Wiring): Promise<void> {
  const entry = COMMANDS.find((candidate) => candidate.name === asked);
  if (entry !== undefined) {
    const { register } = await entry.load();
    register(program, wiring);
    return;
  }
  for (const { name, summary } of COMMANDS) program.command(name).description(summary).helpOption(false);
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has already printed what is wrong, or the help that was asked for.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  debuglog('holdfast')('%o', error);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`holdfast: ${printable(message.split('\n', 1)[0] ?? '')}\n`);
  return EXIT_FAILED;
}

/**
 * `holdfast events | head` closes our stdout, which is no failure; that a disk is full is one. Either way what is in hand
 * is finished and closed in good order; a command that runs until it is told to stop is told so. What stderr does not
 * take is lost: the result does not depend on it.
 */
function endOnLostOutput(): void {
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = EXIT_FAILED;
    if (!told) process.emit('SIGTERM');
    told = true;
  });
  process.stderr.on('error', () => undefined);
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
