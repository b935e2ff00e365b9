import type { HeadAccount } from './head-account.ts';
import type { Json } from './history.ts';
import { type RefusalCase, unless, type Verdict } from './refusal-case.ts';
import { differenceOf, isSame } from './same.ts';

const INSTANTS: ReadonlySet<string> = new Set(['startsAt', 'endsAt', 'salesFrom', 'salesUntil']);

/** What is wrong with a patch that is told to be done: the slot has to be what it asks for, member by member, and what it removes has to be gone. */
export function patchFault(head: HeadAccount, body: Json): Verdict {
  const { metadata, ...others } = body;
  const wished = Object.entries(others).map(([field, wish]) => [field, INSTANTS.has(field) ? instantOf(wish) : withoutNulls(wish)]);
  const difference = differenceOf(Object.fromEntries(wished), head);
  if (difference !== null) return difference;
  if (metadata === null) return unless(isSame(head.metadata, {}), 'it has metadata');
  return metadata === undefined ? null : differenceOf(withoutNulls(metadata), head.metadata, '/metadata');
}

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

/** In a merge patch null stands for what is to be absent. */
function withoutNulls(wish: unknown): unknown {
  if (typeof wish !== 'object' || wish === null) return wish;
  return Object.fromEntries(Object.entries(wish).map(([key, value]) => [key, value ?? undefined]));
}
