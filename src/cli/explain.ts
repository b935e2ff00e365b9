import type { Command } from 'commander';
import { instantOf } from '../commands/schemas/instants.ts';
import { instantArgument } from './arguments.ts';
import { type Explanation, explainUnit } from './explain/explain-unit.ts';
import { instantsAsText } from './json-instants.ts';
import { linesOn } from './lines.ts';
import type { Wiring } from './wiring.ts';
import { withHoldfast } from './with-holdfast.ts';

/** `holdfast explain <slot> <unit>`: who had it, in sentences. */
export function register(program: Command, wiring: Wiring): void {
  program
    .command('explain <slot> <unit>')
    .description('say who had a unit, whether it is free and why, and who was refused it')
    .option('--at <instant>', 'as of this instant, RFC 3339, with everything up to it', instantArgument)
    .option('--json', 'print the explanation as JSON')
    .action((slotId: string, unitId: string, { at, json }: { at?: string; json?: boolean }) =>
      withHoldfast(wiring, async ({ history, attempts, store }) => {
        const explanation = await explainUnit({ history, attempts }, slotId, unitId, at === undefined ? store.now() : instantOf(at));
        const lines = json === true ? JSON.stringify(explanation, instantsAsText, 2).split('\n') : explanationLines(explanation);
        await linesOn().write(lines);
      }),
    );
}

function explanationLines(explanation: Explanation): readonly string[] {
  const { slotId, unitId, timeZone, history, now, refusalsInWords, refusalsNotRecorded } = explanation;
  const refusals = refusalsInWords.length === 0 ? ['No refusal that names it is on record.'] : refusalsInWords;
  const lost =
    refusalsNotRecorded === 0
      ? 'No attempt of that time went unrecorded.'
      : `${refusalsNotRecorded} attempts of that time, on any slot, were not recorded: what is absent here may yet have been.`;
  return [`Unit ${unitId} of slot ${slotId}, times in ${timeZone}`, '', ...history, '', ...now, '', ...refusals, lost];
}
