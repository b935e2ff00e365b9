const SLOT = 'slot-';
const LAYOUT = 'layout-';

/** The stream of a slot's events. */
export function streamOfSlot(slotId: string): string {
  return SLOT + slotId;
}

let lastStream = '';
let lastSlotId: string | null = null;

/** The slot whose stream this is; null for another kind of stream. */
export function slotIdOfStream(streamId: string): string | null {
  // Events of one stream come together and each is asked several times: the same string again costs neither room nor its hash.
  if (streamId !== lastStream) {
    lastSlotId = streamId.startsWith(SLOT) ? streamId.slice(SLOT.length) : null;
    lastStream = streamId;
  }
  return lastSlotId;
}

/** The stream that holds a layout's content. */
export function streamOfLayout(layoutId: string): string {
  return LAYOUT + layoutId;
}

/** The layout whose stream this is; null for another kind of stream. */
export function layoutIdOfStream(streamId: string): string | null {
  return streamId.startsWith(LAYOUT) ? streamId.slice(LAYOUT.length) : null;
}
