import { type Command, InvalidArgumentError } from 'commander';
import { formatInstant } from '../commands/schemas/instants.ts';
import { CATALOGUE } from '../eventstore/catalogue/codec.ts';
import type { AuditEvent } from '../queries/audit.ts';
import { wholeNumber } from './arguments.ts';
import { describeEvent, eventJson, instantOfEvent } from './describe-event.ts';
import { followFeed } from './follow-feed.ts';
import { linesOn } from './lines.ts';
import type { Wiring } from './wiring.ts';
import { withHoldfast } from './with-holdfast.ts';

interface EventsOptions {
  readonly after: number;
  readonly type?: readonly string[];
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `holdfast events`: the log, in order, as it grows. */
export function register(program: Command, wiring: Wiring): void {
  program
    .command('events')
    .description('print the events of all streams in the order of the log')
    .option('--after <position>', 'begin behind this position', wholeNumber(0, 999_999_999_999), 0)
    .option('--type <names>', 'only events of these types, separated by commas', typesArgument)
    .option('--follow', 'go on with events as they come, until interrupted')
    .option('--json', 'print one JSON document a line')
    .action(({ after, type, follow = false, json }: EventsOptions) =>
      withHoldfast(wiring, async ({ audit, store }, interruption) => {
        const lines = linesOn();
        const render = json === true ? eventJson : eventLine;
        let isRead = true;
        await followFeed(
          { audit, store },
          { after, ...(type === undefined ? {} : { types: type }), follow, interruption },
          async (events) => {
            isRead = await lines.write(events.map(render));
            return isRead;
          },
        );
        // A log that was cut off must not pass for all of it.
        if (isRead && !follow) interruption.throwIfWanted();
      }),
    );
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
