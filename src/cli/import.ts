import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { formatInstant } from '../commands/schemas/instants.ts';
import { readFeedFiles } from '../integrations/gtfs/feed-files.ts';
import { readTimetable } from '../integrations/gtfs/timetable.ts';
import { InputError } from '../integrations/input-error.ts';
import { flightSlot } from '../integrations/seat-map/flight-slot.ts';
import { parseSeatMaps } from '../integrations/seat-map/seat-map-file.ts';
import { seatingPlanLayout } from '../integrations/seating-plan/seating-plan.ts';
import type { CivilDate } from '../integrations/wall-clock.ts';
import { dateArgument, instantArgument, urlArgument, wholeNumber } from './arguments.ts';
import { importInProcess } from './import-in-process.ts';
import { importOverHttp } from './import-over-http.ts';
import { type ImportReport, importSlots, openWithBlocks } from './import-slots.ts';
import type { ImportTarget } from './import-target.ts';
import { untilInterrupted } from './interruption.ts';
import { printJson, printLine, printTable, startProgress } from './output.ts';
import { dataSourceOf, type Wiring } from './wiring.ts';

interface CommonOptions {
  readonly url?: string;
  readonly json?: boolean;
}

interface SeatMapOptions extends CommonOptions {
  readonly startsAt?: string;
}

interface GtfsOptions extends CommonOptions {
  readonly from: CivilDate;
  readonly days: number;
  readonly seatsPerTrip: number;
  readonly pricePerStop: number;
  readonly currency?: string;
  readonly prefix: string;
}

/** A feed's own calendar rarely reaches further than a year. */
const MAX_DAYS = 400;
/** The longest trains have some 1,500 seats. */
const MAX_SEATS = 5_000;
const MAX_PRICE = 1_000_000_000;
/** Leaves room in a slot id for the trip and the day. */
const PREFIX = /^[A-Za-z0-9_-]{1,20}$/;

/** `holdfast import …`: brings real inputs in as slots and layouts. Running an import twice changes nothing. */
export function register(program: Command, wiring: Wiring): void {
  const group = program
    .command('import')
    .description('import timetables, seating plans and seat maps, into the data or, with --url, a running service')
    .addHelpText('after', '\nRunning an import again changes nothing: what is there already is counted and left alone.');

  withCommonOptions(group.command('gtfs <folder-or-zip>').description('one slot for each trip of a GTFS feed on each of its service days'))
    .requiredOption('--from <date>', 'first service day, YYYY-MM-DD', dateArgument)
    .requiredOption('--days <count>', `number of service days, up to ${MAX_DAYS}`, wholeNumber(1, MAX_DAYS))
    .requiredOption('--seats-per-trip <count>', `seats of every trip, up to ${MAX_SEATS}`, wholeNumber(1, MAX_SEATS))
    .option('--price-per-stop <amount>', 'what a seat costs for each stop ridden, in minor units', wholeNumber(0, MAX_PRICE), 100)
    .option('--currency <code>', 'ISO 4217 code, where the feed names no currency for its fares')
    .option('--prefix <text>', 'what slot ids begin with; a second feed needs another one', prefixArgument, 'gtfs')
    .action((path: string, options: GtfsOptions) => importGtfs(path, options, wiring));

  withCommonOptions(
    group.command('seating-plan <file>').description('a layout from zones, rows and seats; open slots on it by its id'),
  ).action((file: string, options: CommonOptions) => importSeatingPlan(file, options, wiring));

  withCommonOptions(group.command('seat-map <file>').description('one slot for each airline seat map in the file'))
    .option('--starts-at <instant>', 'departure, RFC 3339: seat maps have no date (default: noon UTC in 30 days)', instantArgument)
    .action((file: string, options: SeatMapOptions) => importSeatMap(file, options, wiring));
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--url <address>', 'import through the service running there, such as http://127.0.0.1:8080', urlArgument)
    .option('--json', 'print the result as JSON');
}

async function importGtfs(path: string, options: GtfsOptions, wiring: Wiring): Promise<void> {
  const timetable = readTimetable(readFeedFiles(path), { ...options, currency: options.currency ?? null });
  await withTarget(options, wiring, async (target, stop) => {
    const { layoutId } = await target.defineLayout(timetable.layout);
    const { report, failure } = await importSlots(timetable.slots(layoutId), {
      total: timetable.total,
      slotIdOf: ({ slotId }) => slotId,
      open: (slot) => target.openSlot(slot),
      progress: startProgress('slots', { total: timetable.total }),
      stop,
    });
    printReport(options, report, { layoutId, skippedTrips: timetable.skipped });
    if (failure !== null) throw failure;
  });
}

async function importSeatingPlan(file: string, options: CommonOptions, wiring: Wiring): Promise<void> {
  const layout = inFile(file, (text) => seatingPlanLayout(text, basename(file, '.json')));
  await withTarget(options, wiring, async (target) => {
    const { layoutId, units, created } = await target.defineLayout(layout);
    if (options.json === true) printJson({ layoutId, units, created });
    else printLine(`layout ${layoutId}: ${units} units${created ? '' : ', already there'}`);
  });
}

async function importSeatMap(file: string, options: SeatMapOptions, wiring: Wiring): Promise<void> {
  const startsAt = options.startsAt ?? defaultDeparture(Date.now());
  const flights = inFile(file, (text) => parseSeatMaps(text).map((map) => flightSlot(map, startsAt)));
  await withTarget(options, wiring, async (target, stop) => {
    const { report, failure } = await importSlots(flights, {
      total: flights.length,
      slotIdOf: ({ slot }) => slot.slotId,
      open: ({ slot, blocked }) => openWithBlocks(target, slot, blocked),
      progress: startProgress('slots', { total: flights.length }),
      stop,
    });
    printReport(options, report, {});
    if (failure !== null) throw failure;
  });
}

/** Reads the file whole; what is wrong in it is told with its name. */
function inFile<Value>(file: string, read: (text: string) => Value): Value {
  try {
    // Tools of Windows put a byte order mark in front, which JSON does not have.
    return read(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${file}: ${error.message}`) : error;
  }
}

/** A signal makes `work` stop by its controller, and the target is closed in good order: with the data that is its PostgreSQL. */
async function withTarget(
  options: CommonOptions,
  wiring: Wiring,
  work: (target: ImportTarget, stop: AbortController) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const interruption = untilInterrupted();
  interruption.onWanted(() => stop.abort());
  try {
    const target =
      options.url === undefined ? importInProcess(await openParts(wiring)) : importOverHttp(options.url, { signal: stop.signal });
    try {
      await work(target, stop);
    } finally {
      await target.close();
    }
  } finally {
    interruption.forget();
  }
}

async function openParts(wiring: Wiring) {
  const root = await wiring.load();
  return root.openHoldfast(dataSourceOf(wiring.environment));
}

interface Extras {
  readonly layoutId?: string;
  readonly skippedTrips?: readonly { readonly tripId: string; readonly reason: string }[];
}

/** Reasons told one by one on a terminal; `--json` has them all. */
const MAX_REASONS_SHOWN = 10;

function printReport(options: CommonOptions, report: ImportReport, extras: Extras): void {
  if (report.refused.length > 0) process.exitCode = 1;
  if (options.json === true) {
    printJson({ ...report, ...extras });
    return;
  }
  const { skippedTrips = [] } = extras;
  printTable(
    ['slots', 'number'],
    [
      ['opened', report.opened],
      ['already there', report.alreadyThere],
      ['refused', report.refused.length],
      ...(report.notReached === 0 ? [] : [['not reached', report.notReached] as const]),
      ...(extras.skippedTrips === undefined ? [] : [['trips skipped', skippedTrips.length] as const]),
    ],
  );
  for (const { slotId, reason } of report.refused.slice(0, MAX_REASONS_SHOWN)) printLine(`refused ${slotId}: ${reason}`);
  for (const { tripId, reason } of skippedTrips.slice(0, MAX_REASONS_SHOWN)) printLine(`skipped trip ${tripId}: ${reason}`);
}

const DAY_MS = 86_400_000;

function defaultDeparture(now: number): string {
  const today = now - (now % DAY_MS);
  return formatInstant(today + 30.5 * DAY_MS);
}

function prefixArgument(text: string): string {
  if (!PREFIX.test(text)) throw new InvalidArgumentError('Expected up to 20 letters, digits, "-" or "_".');
  return text;
}
