import { type Command, Option } from 'commander';
import { formatInstant, instantOf } from '../commands/schemas/instants.ts';
import { slotIdOfStream, streamOfSlot } from '../eventstore/streams.ts';
import type { AsOf, AuditEvent, AuditQueries, SlotAsOf, SlotHistory } from '../queries/audit.ts';
import { instantArgument, wholeNumber } from './arguments.ts';
import { describeEvent, eventJson, instantOfEvent } from './describe-event.ts';
import { instantsAsText } from './json-instants.ts';
import { type Lines, linesOn } from './lines.ts';
import { stateLines } from './state-lines.ts';
import type { Wiring } from './wiring.ts';
import { withHoldfast } from './with-holdfast.ts';

interface ReplayOptions {
  readonly at?: string;
  readonly version?: number;
  readonly json?: boolean;
}

const PAGE_EVENTS = 500;

/** `holdfast replay <stream>`: what happened, one by one, and what it came to. */
export function register(program: Command, wiring: Wiring): void {
  program
    .command('replay <stream>')
    .description('print the events of a stream and, of a slot, the state that they make; slot-<id>, layout-<id> or a bare slot id')
    .option('--at <instant>', 'as of this instant, RFC 3339, with everything up to it', instantArgument)
    .addOption(new Option('--version <number>', 'as of this version').argParser(wholeNumber(1, 999_999_999)).conflicts('at'))
    .option('--json', 'print one JSON document a line: the events, then the state')
    .action((stream: string, { at, version, json }: ReplayOptions) =>
      withHoldfast(wiring, ({ audit, history }, interruption) => {
        const stdout = linesOn();
        const write: Lines['write'] = async (lines) => {
          interruption.throwIfWanted();
          return stdout.write(lines);
        };
        return replay({ audit, history }, stream, asOfOf(at, version), { json: json === true, lines: { write } });
      }),
    );
}

/** @throws Error when there is no such stream, or not so many versions of it. */
export async function replay(
  { audit, history }: { readonly audit: AuditQueries; readonly history: SlotHistory },
  stream: string,
  asOf: AsOf,
  { json, lines }: { readonly json: boolean; readonly lines: Lines },
): Promise<void> {
  const streamId = await existing(audit, stream);
  const printed = await printEvents(audit, streamId, asOf, lines, json ? eventJson : eventLine);
  if (printed === null) return;
  if (asOf.kind === 'version' && printed < asOf.version) {
    throw new Error(`${streamId} has no version ${asOf.version}: it ends at version ${printed}`);
  }
  const slotId = slotIdOfStream(streamId);
  const state = slotId === null ? null : await history.slotAsOf(slotId, asOf);
  if (state !== null) await lines.write(json ? [stateJson(state)] : ['', ...stateLines(state)]);
  else if (printed === 0 && !json) await lines.write([`Nothing had happened to ${streamId} by then.`]);
}

async function existing(audit: AuditQueries, stream: string): Promise<string> {
  for (const streamId of [stream, streamOfSlot(stream)]) {
    if ((await audit.streamEvents(streamId, 1, 1, false)) !== null) return streamId;
  }
  throw new Error(`there is no stream ${stream}`);
}

/** @returns the number of events that were printed; null when nobody reads them any more. */
async function printEvents(
  audit: AuditQueries,
  streamId: string,
  asOf: AsOf,
  lines: Lines,
  render: (event: AuditEvent) => string,
): Promise<number | null> {
  for (let next = 1; ; ) {
    const page = await audit.streamEvents(streamId, next, PAGE_EVENTS, true);
    const items = page?.items ?? [];
    const wanted = items.filter((event) => isWithin(asOf, event));
    if (!(await lines.write(wanted.map(render)))) return null;
    next += wanted.length;
    if (items.length < PAGE_EVENTS || wanted.length < items.length) return next - 1;
  }
}

function isWithin(asOf: AsOf, event: AuditEvent): boolean {
  if (asOf.kind === 'version') return event.version <= asOf.version;
  return asOf.kind === 'now' || instantOfEvent(event) <= asOf.at;
}

function eventLine(event: AuditEvent): string {
  const { version, type } = event;
  return `${String(version).padStart(5)}  ${formatInstant(instantOfEvent(event)).padEnd(24)}  ${type}: ${describeEvent(event)}`;
}

function stateJson({ summary, units, bookings, position }: SlotAsOf): string {
  return JSON.stringify({ state: { ...summary, units, bookings }, position }, instantsAsText);
}

function asOfOf(at: string | undefined, version: number | undefined): AsOf {
  if (version !== undefined) return { kind: 'version', version };
  return at === undefined ? { kind: 'now' } : { kind: 'instant', at: instantOf(at) };
}
