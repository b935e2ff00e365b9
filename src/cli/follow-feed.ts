import type { EventStore } from '../eventstore/event-store.ts';
import { Pause } from '../projections/pause.ts';
import type { AuditEvent, AuditQueries } from '../queries/audit.ts';
import type { Interruption } from './interruption.ts';

const PAGE_EVENTS = 500;
/** The store's wake-up is a hint that can get lost, so the feed is looked at this often anyway, in milliseconds. */
const POLL_MS = 1_000;

export interface FollowOptions {
  /** Exclusive position. */
  readonly after: number;
  readonly types?: readonly string[];
  /** False ends where the log ends now. */
  readonly follow: boolean;
  readonly interruption: Pick<Interruption, 'wanted' | 'onWanted'>;
}

/** Hands the log's events on in order, page by page, until it ends, the reader answers false, or an interruption comes. */
export async function followFeed(
  { audit, store }: { readonly audit: AuditQueries; readonly store: Pick<EventStore, 'onAppended'> },
  { after, types, follow, interruption }: FollowOptions,
  take: (events: readonly AuditEvent[]) => Promise<boolean>,
): Promise<void> {
  const pause = new Pause();
  const stopListening = store.onAppended(() => pause.wake());
  interruption.onWanted(() => pause.wake());
  try {
    let position = after;
    while (!interruption.wanted) {
      const page = await audit.events({ after: position, ...(types === undefined ? {} : { types }), limit: PAGE_EVENTS, upcast: true });
      if (page.items.length > 0 && !(await take(page.items))) return;
      // A position behind the head was never reached by the log; it is waited for as it is.
      position = Math.max(position, page.next);
      if (page.items.length === PAGE_EVENTS) continue;
      if (!follow) return;
      await pause.sleep(POLL_MS);
    }
  } finally {
    stopListening();
  }
}
