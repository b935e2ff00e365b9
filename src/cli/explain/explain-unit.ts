import type { AttemptQueries, AttemptView } from '../../queries/attempts.ts';
import type { SlotHistory } from '../../queries/audit.ts';
import { clockOf, type LocalClock } from '../words.ts';
import { sentenceOf } from './sentences.ts';
import { claimantsOf, unitNow } from './unit-now.ts';
import { tellUnit, type UnitStory } from './unit-story.ts';

/** Refusals read for one answer: the newest of them. */
const MAX_REFUSALS = 200;
/** The history of a unit is the newest so many events of it. */
const HISTORY_EVENTS = 1_000;

export interface Explanation {
  readonly slotId: string;
  readonly unitId: string;
  readonly timeZone: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly stories: readonly UnitStory[];
  /** The stories in words, then how it stands at the instant. */
  readonly history: readonly string[];
  readonly now: readonly string[];
  /** Oldest first. */
  readonly refusals: readonly AttemptView[];
  readonly refusalsInWords: readonly string[];
  /** Attempts of that time, on any slot, that were not recorded. */
  readonly refusalsNotRecorded: number;
}

/**
 * Says who had a unit, and whether it is free at the instant and why.
 * @param at epoch milliseconds.
 * @throws Error with a message for the user when there is no such slot or unit.
 */
export async function explainUnit(
  { history, attempts }: { readonly history: SlotHistory; readonly attempts: AttemptQueries },
  slotId: string,
  unitId: string,
  at: number,
): Promise<Explanation> {
  const found = await history.unitAsOf(slotId, unitId, at);
  const slot = await history.slotAsOf(slotId, { kind: 'instant', at });
  if (found.kind === 'slot-not-found' || slot === null) throw new Error(`there was no slot ${slotId} at that time`);
  if (found.kind === 'unknown-unit') throw new Error(`slot ${slotId} had no unit ${unitId} until then`);
  const { timeZone, axis } = slot.summary;
  const clock = clockOf(timeZone);
  const scene = { axis, clock, at };
  const stories = tellUnit(unitId, found.items);
  const unit = slot.units.find((view) => view.unit.unitId === unitId)?.unit ?? null;
  const read = await attempts.attempts({ slotId, unitId, to: at + 1, limit: MAX_REFUSALS });
  if (read.kind === 'invalid-cursor') throw new Error('no cursor was given');
  const refusals = [...read.page.items].reverse();
  const cut = found.items.length < HISTORY_EVENTS ? [] : [`Only the newest ${HISTORY_EVENTS} events of it are told.`];
  return {
    slotId,
    unitId,
    timeZone,
    at,
    stories,
    history: [...cut, ...stories.map((story) => sentenceOf(story, scene))],
    now: unitNow({ unit, summary: slot.summary, taken: found.taken, claimants: claimantsOf(unitId, slot.bookings) }, scene),
    refusals,
    refusalsInWords: [
      ...(read.page.nextCursor === null ? [] : [`Only the newest ${MAX_REFUSALS} refusals are told.`]),
      ...refusals.map((refusal) => refusalInWords(refusal, clock)),
    ],
    refusalsNotRecorded: read.dropped,
  };
}

function refusalInWords({ at, customerId, bookingId, code, slotVersion, actor }: AttemptView, clock: LocalClock): string {
  const who = customerId ?? `somebody (${actor})`;
  const what = bookingId === null ? '' : ` for booking ${bookingId}`;
  const version = slotVersion === null ? '' : `, decided on version ${slotVersion} of the slot`;
  return `At ${clock(at)} ${who} was refused it${what}: ${code}${version}.`;
}
