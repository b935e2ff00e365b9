import type { SlotDescription, SlotPolicy, Venue } from '../../domain/slot/events.ts';
import { instantOrNull } from './instants.ts';
import { type Mapped, mapped } from './mapped.ts';
import type { PatchSlotInput } from './slots.ts';
import { policyFaults } from './to-slot.ts';

type Changes = { -readonly [Field in keyof SlotDescription]?: SlotDescription[Field] };

/**
 * Merges a patch (RFC 7396) into the description that it was made from. What the patch does not name
 * is not in the result; null removes.
 */
export function toSlotChanges(input: PatchSlotInput, base: SlotDescription): Mapped<Partial<SlotDescription>> {
  const changes: Changes = {};
  if (input.title !== undefined) changes.title = input.title;
  for (const field of ['startsAt', 'endsAt', 'salesFrom', 'salesUntil'] as const) {
    if (input[field] !== undefined) changes[field] = instantOrNull(input[field]);
  }
  if (input.reference !== undefined) changes.reference = input.reference;
  if (input.venue !== undefined) changes.venue = mergedVenue(input.venue, base.venue);
  if (input.policy !== undefined) changes.policy = { ...base.policy, ...input.policy } satisfies SlotPolicy;
  if (input.metadata !== undefined) changes.metadata = mergedMetadata(input.metadata, base.metadata);
  const keys = Object.keys(changes.metadata ?? {}).length;
  return mapped(
    [
      ...(changes.policy === undefined ? [] : policyFaults(changes.policy)),
      ...(keys > 50 ? [{ pointer: '/metadata', message: `must leave at most 50 keys, leaves ${keys}` }] : []),
    ],
    () => changes,
  );
}

function mergedVenue(patch: NonNullable<PatchSlotInput['venue']> | null, base: Venue | null): Venue | null {
  if (patch === null) return null;
  return Object.fromEntries(Object.entries({ ...base, ...patch }).filter(([, value]) => value !== null));
}

function mergedMetadata(
  patch: Readonly<Record<string, string | null>> | null,
  base: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (patch === null) return {};
  const merged: Readonly<Record<string, string | null>> = { ...base, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}
