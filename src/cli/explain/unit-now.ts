import { extentOf, isOffered } from '../../domain/availability.ts';
import { NOTHING_TAKEN, type Profile, pieces, type Step, takenAt, withUsage } from '../../domain/profile.ts';
import { occupiedSpan, wholeAxis } from '../../domain/resolve-span.ts';
import type { SlotSummary } from '../../domain/slot/summary.ts';
import { overlaps, type Span } from '../../domain/span.ts';
import { capacityOf, type Unit } from '../../domain/unit.ts';
import { spanInWords } from '../words.ts';
import type { Scene } from './sentences.ts';
import type { BookingStory, UnitStory } from './unit-story.ts';

/** Whether the unit is free at the instant, and why: a sentence for each part of the axis that differs. */
export function unitNow(
  { unit, summary, stories }: { readonly unit: Unit | null; readonly summary: SlotSummary; readonly stories: readonly UnitStory[] },
  scene: Scene,
): readonly string[] {
  const when = `At ${scene.clock(scene.at)}`;
  if (unit === null) return [`${when} it is not part of the slot.`];
  const { axis } = scene;
  const span: Span = axis.type === 'time' ? { from: scene.at, to: scene.at + 1 } : wholeAxis(axis);
  const active = stories.filter((story) => story.kind === 'booking').filter((story) => isActive(story, scene.at));
  const found = pieces(profileOf(stories, active, scene), span).map((piece) => {
    const where = axis.type === 'stops' ? spanInWords(axis, piece, scene.clock) : '';
    const here = active.filter((story) => overlaps(occupiedSpan(axis, story.span), piece));
    return `${when} it is${where} ${pieceInWords(unit, piece.step, here, scene)}`;
  });
  const doubts = [...saleDoubts(summary, scene), ...(isOffered(unit, extentOf(summary, span)) ? [] : ['it is not on offer then'])];
  return doubts.length === 0 ? found : [...found, `But nobody can book it then: ${doubts.join(', ')}.`];
}

function isActive({ end, confirmed, heldUntil }: BookingStory, at: number): boolean {
  return end === null && (confirmed !== null || heldUntil > at);
}

/** What is taken of the unit over the axis: its active bookings with their buffers, and what is off sale. */
function profileOf(stories: readonly UnitStory[], active: readonly BookingStory[], { axis }: Scene): Profile {
  let profile = NOTHING_TAKEN;
  for (const story of stories) {
    if (story.kind === 'blocked') profile = withUsage(profile, story.block, 'blocked', story.block.quantity);
    if (story.kind === 'unblocked') profile = withUsage(profile, story.block, 'blocked', -story.block.quantity);
  }
  for (const { span, confirmed, quantity } of active) {
    profile = withUsage(profile, occupiedSpan(axis, span), confirmed === null ? 'held' : 'sold', quantity);
  }
  return profile;
}

function pieceInWords(unit: Unit, step: Step, here: readonly BookingStory[], scene: Scene): string {
  const capacity = capacityOf(unit);
  const free = capacity - takenAt(step);
  const why = [
    ...here.map((story) => claimantInWords(story, scene)),
    ...(step.blocked > 0 ? [blockedInWords(step.blocked, capacity)] : []),
  ];
  const reasons = why.length === 0 ? '' : `: ${why.join(', ')}`;
  if (unit.capacity !== undefined) return `${free} of ${capacity} free${reasons}.`;
  return free > 0 ? 'free: nobody holds it, nobody has bought it, and it is on sale.' : `not free${reasons}.`;
}

function claimantInWords(
  { bookingId, customerId, quantity, confirmed, heldUntil, span }: BookingStory,
  { axis, clock, at }: Scene,
): string {
  const some = quantity > 1 ? `${quantity} ` : '';
  const buffer = axis.type === 'time' && span.to <= at ? ', now in the buffer behind it' : '';
  const how = confirmed === null ? `held until ${clock(heldUntil)} by` : 'sold to';
  return `${some}${how} ${customerId} (booking ${bookingId})${axis.type === 'time' ? spanInWords(axis, span, clock) : ''}${buffer}`;
}

function blockedInWords(blocked: number, capacity: number): string {
  return capacity > 1 ? `${blocked} off sale` : 'off sale';
}

/** What of the slot keeps everybody from booking, whatever the unit says. */
function saleDoubts({ status, salesFrom, salesUntil }: SlotSummary, { at, clock }: Scene): readonly string[] {
  return [
    ...(status === 'OPEN' ? [] : [`the slot is ${status === 'CLOSED' ? 'closed' : 'cancelled'}`]),
    ...(salesFrom !== null && at < salesFrom ? [`its sale begins at ${clock(salesFrom)}`] : []),
    ...(salesUntil !== null && at >= salesUntil ? [`its sale ended at ${clock(salesUntil)}`] : []),
  ];
}
