import { setTimeout as pause } from 'node:timers/promises';
import { formatInstant } from '../../commands/schemas/instants.ts';
import { createApiClient } from './http-client.ts';
import type { AskedSeats, RushOutcome } from './rush-records.ts';
import { countPlaces, type RecordedRefusals, readRefusals, readSold } from './slot-reading.ts';

/** Something that was proven, or was not. */
export interface Finding {
  readonly holds: boolean;
  /** What exactly was looked at, and what came of it. */
  readonly statement: string;
}

export interface Verdict {
  readonly holds: boolean;
  readonly findings: readonly Finding[];
}

/** Clocks of client and service may differ by so much, in milliseconds. */
const CLOCK_SLACK_MS = 600_000;
/** Refusals are recorded off the path of the requests, at most so long after them, in milliseconds. */
const RECORDED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 100;
/** Culprits that a statement names. */
const MAX_NAMED = 5;

/** Places that anybody may get, counted from the log before a rush begins. */
export async function freePlaces(url: string, slotId: string): Promise<number> {
  const client = createApiClient(url);
  try {
    return (await countPlaces(client, slotId)).freeAt.at(-1) ?? 0;
  } finally {
    client.close();
  }
}

/**
 * Holds what the buyers were told against the seat map and against the log.
 * @param expected places that were free before the rush.
 */
export async function judgeRush(url: string, outcome: RushOutcome, expected: number): Promise<Verdict> {
  const client = createApiClient(url);
  try {
    const { slotId, position } = outcome;
    const places = await countPlaces(client, slotId);
    const shown = await readSold(client, slotId, position);
    const since = formatInstant(outcome.startedAt - CLOCK_SLACK_MS);
    const refused = outcome.asked.filter((asked) => asked.code !== null);
    const recorded = await waitForRecords(() => readRefusals(client, slotId, 'sold-out', since), refused);
    const findings = [
      ...judgeAnswers(outcome, expected),
      judgeSeatMap(outcome, places.sold, shown),
      judgeLog(places.doubleSales, places.freeAt),
      ...judgeRefusals(refused, recorded, places.freeAt),
    ];
    return { holds: findings.every(({ holds }) => holds), findings };
  } finally {
    client.close();
  }
}

async function waitForRecords(read: () => Promise<RecordedRefusals>, refused: readonly AskedSeats[]): Promise<RecordedRefusals> {
  const deadline = Date.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const recorded = await read();
    const isThere = refused.every(({ attemptId }) => attemptId === null || recorded.versions.has(attemptId));
    if (isThere || recorded.dropped > 0 || Date.now() > deadline) return recorded;
    await pause(LOOK_AGAIN_MS);
  }
}

function judgeAnswers({ bookings, failures }: RushOutcome, expected: number): readonly Finding[] {
  const owned = new Map<string, string[]>();
  let sold = 0;
  let undecided = 0;
  for (const { bookingId, status, units } of bookings.values()) {
    if (status === 'HELD') undecided += 1;
    if (status !== 'CONFIRMED') continue;
    sold += units.length;
    for (const unitId of units) owned.set(unitId, [...(owned.get(unitId) ?? []), bookingId]);
  }
  return [
    { holds: sold === expected, statement: `buyers were sold ${sold} places by the answers, ${expected} were free before` },
    {
      holds: failures.length === 0 && undecided === 0,
      statement: `${failures.length} confirmations and cancellations were refused, ${undecided} holds were left undecided${named(
        failures.map(({ bookingId, step, code }) => `${step} of ${bookingId}: ${code}`),
      )}`,
    },
  ];
}

function judgeSeatMap(outcome: RushOutcome, inLog: ReadonlyMap<string, number>, shown: ReadonlyMap<string, number>): Finding {
  const answered = new Map<string, number>();
  for (const { status, units } of outcome.bookings.values()) {
    if (status === 'CONFIRMED') for (const unitId of units) answered.set(unitId, (answered.get(unitId) ?? 0) + 1);
  }
  const wrong: string[] = [];
  for (const unitId of new Set([...answered.keys(), ...shown.keys(), ...inLog.keys()])) {
    const [byAnswers, byMap, byLog] = [answered.get(unitId) ?? 0, shown.get(unitId) ?? 0, inLog.get(unitId) ?? 0];
    // What was sold before the rush is in the log and on the map alike.
    if (byMap !== byLog || byAnswers > byLog)
      wrong.push(`${unitId}: ${byAnswers} by the answers, ${byMap} on the seat map, ${byLog} in the log`);
  }
  return { holds: wrong.length === 0, statement: `answers, seat map and log disagree on ${wrong.length} units${named(wrong)}` };
}

function judgeLog(doubleSales: readonly { readonly unitId: string; readonly version: number }[], freeAt: readonly number[]): Finding {
  const culprits = doubleSales.map(({ unitId, version }) => `${unitId} at version ${version}`);
  return {
    holds: doubleSales.length === 0,
    statement: `${doubleSales.length} places were given away twice at any of the slot's ${freeAt.length - 1} versions${named(culprits)}`,
  };
}

/**
 * A refusal is right when fewer places were free than asked for on the version that it was decided on,
 * and that version was no older than what anybody had been told before the request was sent.
 */
function judgeRefusals(
  refused: readonly AskedSeats[],
  { versions, dropped }: RecordedRefusals,
  freeAt: readonly number[],
): readonly Finding[] {
  const wrong: string[] = [];
  const stale: string[] = [];
  let proven = 0;
  for (const { attemptId, quantity, knownVersion } of refused) {
    const version = attemptId === null ? undefined : versions.get(attemptId);
    if (version === undefined) continue;
    proven += 1;
    const free = freeAt[version] ?? Number.POSITIVE_INFINITY;
    if (free >= quantity) wrong.push(`${quantity} asked, ${free} free at version ${version}`);
    if (version < knownVersion) stale.push(`version ${version} after version ${knownVersion} was told`);
  }
  const rest = refused.length - proven;
  return [
    {
      holds: wrong.length === 0,
      statement: `${wrong.length} of ${proven} refusals came while enough places were free for them${named(wrong)}`,
    },
    {
      holds: stale.length === 0,
      statement: `${stale.length} of ${proven} refusals were decided on an older version than was known${named(stale)}`,
    },
    {
      holds: rest === 0,
      statement: `${rest} refusals have no record to prove them by (${dropped} attempts of that time are known to be unrecorded)`,
    },
  ];
}

function named(culprits: readonly string[]): string {
  if (culprits.length === 0) return '';
  return `: ${culprits.slice(0, MAX_NAMED).join('; ')}${culprits.length > MAX_NAMED ? '; …' : ''}`;
}
