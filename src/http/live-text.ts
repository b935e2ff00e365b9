import type { ByeReason, LiveChange, LivePoint, LiveState, LiveText } from '../queries/live/live-maps.ts';
import { encodePosition, type Place } from './position.ts';
import { seatMapText, summaryText } from './slot-texts.ts';

/** A client that is cut off comes back after so many milliseconds; each is told another number, so that thousands do not come at once. */
const RETRY_MS = { shortest: 1_000, longest: 3_000 } as const;

/**
 * Behind a stream's name in the id of an event that is not the last one of its change: with the version
 * that the change leads from when more than the counts are still to come. No stream's name has it.
 */
const MORE_TO_COME = '!';

/** Writes live maps as server-sent events. An event's data are one line of JSON, its id is where the client is when it has read it. */
export const liveText: LiveText = {
  hello: () => {
    const { shortest, longest } = RETRY_MS;
    return Buffer.from(`retry: ${Math.round(shortest + Math.random() * (longest - shortest))}\n\n`);
  },
  reset: (state) => {
    const { slot, units, version } = state;
    const map = seatMapText({ slotId: slot.slotId, version, units }, true);
    return Buffer.from(eventText('reset', whole(state, slot.slotId), `${map.slice(0, -1)},"slot":${summaryText(slot)}}`));
  },
  change: (change) => Buffer.from(changeText(change)),
  bye: ({ slot, version }: LiveState, reason: ByeReason) =>
    Buffer.from(`event: bye\ndata: ${JSON.stringify({ slotId: slot.slotId, version, reason })}\n\n`),
  heartbeat: (current) => Buffer.from(current ? ': all is well\n\n' : ': stale, the log cannot be reached\n\n'),
};

/** A change is up to three events. The ids of those before the last tell what is still to come, so that who is cut off in between gets it. */
function changeText(change: LiveChange): string {
  const { slotId, from, version, slot, units, removed, counts } = change;
  const partly = (rest: string): Place => ({ ...whole(change, slotId), streamId: `slot-${slotId}${MORE_TO_COME}${rest}` });
  const hasUnits = units.length + removed.length > 0;
  let text = '';
  if (slot !== null) text += eventText('slot', partly(hasUnits ? String(from) : ''), summaryText(slot));
  if (hasUnits) {
    const map = seatMapText({ slotId, version, units }, true);
    text += eventText('units', partly(''), `${map.slice(0, -1)},"removed":${JSON.stringify(removed)}}`);
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
 * What a client has of the slot when this is where it is.
 *
 * @returns null when the place is another stream's, or of none: then it is not known.
 */
export function pointAt(slotId: string, place: Place): LivePoint | null {
  if (!('streamId' in place)) return null;
  const [streamId, from] = place.streamId.split(MORE_TO_COME);
  if (streamId !== `slot-${slotId}`) return null;
  if (from === undefined) return { version: place.version, lacksCounts: false };
  if (from === '') return { version: place.version, lacksCounts: true };
  const version = Number(from);
  return Number.isSafeInteger(version) ? { version, lacksCounts: false } : null;
}
