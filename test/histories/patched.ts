import type { HeadAccount } from './head-account.ts';
import type { Json } from './history.ts';
import { isSame } from './same.ts';

const INSTANTS: ReadonlySet<string> = new Set(['startsAt', 'endsAt', 'salesFrom', 'salesUntil']);

/** Whether an event changes all that a merge patch of the slot asks for, as it asks, and nothing else. */
export function isPatchAsked(head: HeadAccount, changes: Json, body: Json): boolean {
  const asked = changesAsked(head, body);
  const isComplete = Object.entries(asked).every(([field, value]) => isSame(changes[field] ?? null, value));
  return isComplete && Object.entries(changes).every(([field, value]) => field in asked || isSame(head[field] ?? null, value));
}

/** Whether the slot is already as a merge patch asks. */
export function isPatched(head: HeadAccount, body: Json): boolean {
  return Object.keys(changesAsked(head, body)).length === 0;
}

/** What a merge patch (RFC 7396) makes otherwise of a slot, as its events have it. */
function changesAsked(head: HeadAccount, body: Json): Json {
  const merged = Object.entries(body).map(([field, patch]) => [field, mergedField(field, head[field] ?? null, patch)] as const);
  return Object.fromEntries(merged.filter(([field, value]) => !isSame(head[field] ?? null, value)));
}

function mergedField(field: string, before: unknown, patch: unknown): unknown {
  // Metadata that is removed is empty.
  if (patch === null) return field === 'metadata' ? {} : null;
  if (INSTANTS.has(field)) return Date.parse(String(patch));
  if (typeof patch !== 'object') return patch;
  return Object.fromEntries(Object.entries({ ...(before as object | null), ...patch }).filter(([, value]) => value !== null));
}
