import type { Command } from 'commander';

/** `holdfast import …`: brings real inputs in as slots and layouts. Running an import twice changes nothing. */
export function register(program: Command): void {
  program.command('import').description('import timetables, seating plans and seat maps');
}
