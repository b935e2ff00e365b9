import { z } from 'zod';
import type { DomainEvent } from '../../eventstore/catalogue/codec.ts';
import { decodeEvent, newestData } from '../../eventstore/catalogue/codec.ts';
import { STORED_EVENTS } from '../../eventstore/catalogue/stored-events.ts';

/** What stands beside the data of every event. */
const METADATA = z.strictObject({
  at: z.number().int(),
  actor: z.string(),
  commandId: z.string().nullable(),
  commandHash: z.string().nullable(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
});

export type ReadEvent =
  | { readonly kind: 'read'; readonly event: DomainEvent; readonly metadata: z.infer<typeof METADATA> }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** An event as stored, held against the stored contract: its newest form after all of its steps, and its metadata. */
export function readStored(stored: {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: string;
}): ReadEvent {
  try {
    const data = newestData(stored);
    const shape: z.ZodType = STORED_EVENTS[stored.type as DomainEvent['type']];
    const checked = shape.safeParse(data);
    if (!checked.success) return { kind: 'unreadable', reason: `its data are not what ${stored.type} holds: ${first(checked.error)}` };
    const metadata = METADATA.safeParse(JSON.parse(stored.metadata));
    if (!metadata.success) return { kind: 'unreadable', reason: `its metadata are not as agreed: ${first(metadata.error)}` };
    return { kind: 'read', event: decodeEvent(stored), metadata: metadata.data };
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

function first(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'unknown' : `/${issue.path.join('/')} ${issue.message}`;
}
