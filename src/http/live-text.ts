import type { ByeReason, LiveChange, LiveState, LiveText } from '../queries/live/live-maps.ts';
import { encodePosition, type Place } from './position.ts';
import { seatMapText, summaryText } from './slot-texts.ts';

/** A client that is cut off comes back after so many milliseconds; each is told another number, so that thousands do not come at once. */
const RETRY_MS = { shortest: 1_000, longest: 3_000 } as const;

/** Parts a stream's name from the version that a part of a change leads from. No stream's name has it. */
const PART = '!';

/** Writes live maps as server-sent events. An event's data are one line of JSON, its id is where the client is when it has read it. */
export const liveText: LiveText = {
  hello: () => {
    const { shortest, longest } = RETRY_MS;
    return Buffer.from(`retry: ${Math.round(shortest + Math.random() * (longest - shortest))}\n\n`);
  },
  reset: (state) => {
    const { slot, units, version } = state;
    const map = seatMapText({ slotId: slot.slotId, version, units });
    return Buffer.from(eventText('reset', whole(state, slot.slotId), `${map.slice(0, -1)},"slot":${summaryText(slot)}}`));
  },
  change: (change) => Buffer.from(changeText(change)),
  bye: ({ slot, version }: LiveState, reason: ByeReason) =>
    Buffer.from(`event: bye\ndata: ${JSON.stringify({ slotId: slot.slotId, version, reason })}\n\n`),
  heartbeat: (current) => Buffer.from(current ? ': all is well\n\n' : ': stale, the log cannot be reached\n\n'),
};

/**
 * Counts come last, with the id of the whole change: who is cut off before has an id that leads back to
 * where the change began, so that no part of it is lost.
 */
function changeText(change: LiveChange): string {
  const { slotId, from, version, slot, units, removed, counts } = change;
  const part: Place = { position: change.position, version, streamId: `slot-${slotId}${PART}${from}` };
  let text = '';
  if (slot !== null) text += eventText('slot', part, summaryText(slot));
  if (units.length + removed.length > 0) {
    const map = seatMapText({ slotId, version, units });
    text += eventText('units', part, `${map.slice(0, -1)},"removed":${JSON.stringify(removed)}}`);
  }
  return text + eventText('counts', whole(change, slotId), JSON.stringify({ slotId, version, counts }));
}

function whole({ position, version }: { readonly position: number; readonly version: number }, slotId: string): Place {
  return { position, version, streamId: `slot-${slotId}` };
}

function eventText(event: string, place: Place, data: string): string {
  return `event: ${event}\nid: ${encodePosition(place)}\ndata: ${data}\n\n`;
}

/**
 * The version of the slot that a client has when this is where it is.
 *
 * @returns null when the place is another stream's, or of none: then it is not known what the client has of the slot.
 */
export function versionSeen(slotId: string, place: Place): number | null {
  if (!('streamId' in place)) return null;
  const [streamId, from] = place.streamId.split(PART);
  if (streamId !== `slot-${slotId}`) return null;
  return from === undefined ? place.version : Number(from);
}
