import { type RefusalCase, unless, type Verdict } from './refusal-case.ts';

/** A patch may be refused for a start that lies in the past, when it brings that start and the slot does not accept it. */
export function patchPastFault({ slot, asked: { body }, latest }: RefusalCase): Verdict {
  const { startsAt, policy } = slot.opened;
  const wished = body.startsAt === undefined ? startsAt : instantOf(body.startsAt);
  const { acceptPast = policy.acceptPast } = (body.policy ?? {}) as { readonly acceptPast?: boolean };
  const isPast = wished !== null && wished !== startsAt && wished < latest;
  return unless(isPast && !acceptPast, 'its start was still to come, or may have been in the past');
}

function instantOf(wish: unknown): number | null {
  return wish === null ? null : Date.parse(String(wish));
}
