import type { SlotDescription, SlotPolicy, Venue } from './events.ts';

/** A merge patch (RFC 7396) of what describes a slot: what it does not name stays as it is, null removes. */
export interface SlotPatch extends Partial<Omit<SlotDescription, 'venue' | 'metadata' | 'policy'>> {
  readonly venue?: { readonly [Field in keyof Venue]?: string | null } | null;
  readonly metadata?: Readonly<Record<string, string | null>> | null;
  readonly policy?: Partial<SlotPolicy>;
}

/** What the patch makes of the members that it names. */
export function mergedInto(base: SlotDescription, { venue, metadata, policy, ...plain }: SlotPatch): Partial<SlotDescription> {
  return {
    ...plain,
    ...(venue !== undefined && { venue: venue === null ? null : withoutNulls({ ...base.venue, ...venue }) }),
    ...(metadata !== undefined && { metadata: metadata === null ? {} : withoutNulls({ ...base.metadata, ...metadata }) }),
    ...(policy !== undefined && { policy: { ...base.policy, ...policy } }),
  };
}

function withoutNulls(members: Readonly<Record<string, string | null | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
