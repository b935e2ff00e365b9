import type { Json, LoggedEvent } from './history.ts';

/** An event as `GET /api/v1/audit/events` lists it. */
export interface AuditItem {
  readonly position: string;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly data: Json;
  readonly metadata: Json & { readonly time: string; readonly recordedAt: string };
}

/** Where an answer stands in the log. */
export interface Place {
  readonly position: number;
  /** Null when the answer was about no single stream. */
  readonly streamId: string | null;
  readonly version: number | null;
}

/**
 * What Holdfast-Position holds. It is opaque to clients; a proof may look inside: position, version
 * and stream, in base64url.
 */
export function placeOf(token: string | null): Place | null {
  if (token === null) return null;
  const [position, version, ...streamId] = Buffer.from(token, 'base64url').toString('latin1').split('~');
  if (version === undefined) return { position: Number(position), streamId: null, version: null };
  return { position: Number(position), version: Number(version), streamId: streamId.join('~') };
}

export function eventsOfAudit(items: readonly AuditItem[]): readonly LoggedEvent[] {
  return items.map(({ position, streamId, version, eventId, type, data, metadata }) => ({
    position: placeOf(position)?.position ?? Number.NaN,
    streamId,
    version,
    eventId,
    type,
    at: Date.parse(metadata.time),
    recordedAt: Date.parse(metadata.recordedAt),
    commandId: (metadata.commandId as string | null | undefined) ?? null,
    data,
  }));
}
