import type { Axis } from '../../domain/axis.ts';
import { inBrackets, type LocalClock, spanInWords } from '../words.ts';
import type { BookingStory, EndKind, OperatorStory, UnitStory } from './unit-story.ts';

/** What sentences need to know beside the stories. */
export interface Scene {
  readonly axis: Axis;
  readonly clock: LocalClock;
  /** The instant that is looked at, epoch milliseconds. */
  readonly at: number;
}

/** One sentence for each part of a unit's story. */
export function sentenceOf(story: UnitStory, scene: Scene): string {
  return story.kind === 'booking' ? bookingSentence(story, scene) : operatorSentence(story, scene);
}

function bookingSentence(story: BookingStory, scene: Scene): string {
  const { bookingId, customerId, taken, span, at, extendedAt, heldUntil, confirmed } = story;
  const { clock, axis } = scene;
  const who = `${taken > 1 ? `${taken} of it held` : 'Held'} by ${customerId} (booking ${bookingId})${spanInWords(axis, span, clock)}`;
  const extended = extendedAt === null ? '' : `, the hold extended at ${clock(extendedAt)} to ${clock(heldUntil)}`;
  const sold = confirmed === null ? '' : `, sold at ${clock(confirmed.at)} (payment ${confirmed.paymentReference})`;
  const parts = story.parts.map(({ quantity, kind, at: left }) => `, ${quantity} of them ${ENDS[kind]} at ${clock(left)}`).join('');
  const between = extended + sold + parts;
  return `${who} from ${clock(at)}${between}${between === '' ? '' : ','}${endOf(story, scene)}.`;
}

const ENDS: Readonly<Record<EndKind, string>> = {
  expired: 'ran out',
  cancelled: 'cancelled',
  'given-back': 'given back',
  'not-confirmed': 'left out of the confirmation',
  changed: 'exchanged for something else',
};

function endOf({ end, confirmed, heldUntil }: BookingStory, { clock, at }: Scene): string {
  if (end !== null) {
    const verb = end.kind === 'expired' ? 'ran out' : `was ${ENDS[end.kind]}`;
    return ` until it ${verb} at ${clock(end.at)}${inBrackets(end.reason)}`;
  }
  if (confirmed !== null) return ' and has it still';
  return heldUntil <= at
    ? ` until it ran out at ${clock(heldUntil)}, of which there is no record yet`
    : ` until ${clock(heldUntil)} at most`;
}

function operatorSentence(story: OperatorStory, { axis, clock }: Scene): string {
  const at = clock(story.at);
  switch (story.kind) {
    case 'there':
      return `Part of the slot since it was opened at ${at}.`;
    case 'added':
      return `Added to the slot at ${at}.`;
    case 'changed':
      return `Changed at ${at}: ${Object.entries(story.changes)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', ')}.`;
    case 'blocked':
      return `${some(story.block.quantity, 'Taken')} off sale at ${at}${spanInWords(axis, story.block, clock)}${inBrackets(story.reason)}.`;
    case 'unblocked':
      return `${some(story.block.quantity, 'Put back')} on sale at ${at}${spanInWords(axis, story.block, clock)}${inBrackets(story.reason)}.`;
    case 'withdrawn':
      return `${some(story.quantity, 'Withdrawn')} for good at ${at}${inBrackets(story.reason)}.`;
    case 'slot-cancelled':
      return `The slot was cancelled at ${at} with all of its bookings${inBrackets(story.reason)}.`;
  }
}

function some(quantity: number, verb: string): string {
  return quantity > 1 ? `${quantity} of it ${verb.toLowerCase()}` : verb;
}
