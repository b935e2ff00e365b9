import { type Command, InvalidArgumentError } from 'commander';
import { formatInstant } from '../commands/schemas/instants.ts';
import { CATALOGUE } from '../eventstore/catalogue/codec.ts';
import type { AuditEvent } from '../queries/audit.ts';
import { wholeNumber } from './arguments.ts';
import { describeEvent, eventJson, instantOfEvent } from './describe-event.ts';
import { followFeed } from './follow-feed.ts';
import { untilInterrupted } from './interruption.ts';
import { linesOn } from './lines.ts';
import { dataSourceOf, type Wiring } from './wiring.ts';

interface EventsOptions {
  readonly after: number;
  readonly type?: readonly string[];
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `holdfast events`: the log, in order, as it grows. */
export function register(program: Command, { environment, load }: Wiring): void {
  program
    .command('events')
    .description('print the events of all streams in the order of the log')
    .option('--after <position>', 'begin behind this position', wholeNumber(0, 999_999_999_999), 0)
    .option('--type <names>', 'only events of these types, separated by commas', typesArgument)
    .option('--follow', 'go on with events as they come, until interrupted')
    .option('--json', 'print one JSON document a line')
    .action(async ({ after, type, follow, json }: EventsOptions) => {
      const { openHoldfast } = await load();
      const { audit, store, close } = await openHoldfast(dataSourceOf(environment));
      const interruption = untilInterrupted();
      try {
        const lines = linesOn();
        const render = json === true ? eventJson : eventLine;
        await followFeed(
          { audit, store },
          { after, ...(type === undefined ? {} : { types: type }), follow: follow === true, interruption },
          (events) => lines.write(events.map(render)),
        );
      } finally {
        interruption.forget();
        await close();
      }
    });
}

function eventLine(event: AuditEvent): string {
  const { position, streamId, version, type } = event;
  const place = `${String(position).padStart(7)}  ${formatInstant(instantOfEvent(event)).padEnd(24)}  ${streamId} ${version}`;
  return `${place}  ${type}: ${describeEvent(event)}`;
}

function typesArgument(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => !CATALOGUE.has(type));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${[...CATALOGUE.keys()].join(', ')}.`);
  return types;
}
