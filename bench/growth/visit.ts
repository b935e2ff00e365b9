import type { OpenSlot } from '../history/history.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Reads what is free in a slot of the history, and holds some of it. @throws Error when that is not possible. */
export async function visit(url: string, slot: OpenSlot, now: number): Promise<void> {
  const { span } = wishOf(slot, now);
  const query = span === null ? '' : `?${new URLSearchParams(span)}`;
  const response = await fetch(`${url}/api/v1/slots/${slot.slotId}/seats${query}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the seats of ${slot.slotId} were answered ${response.status}: ${text.slice(0, 300)}`);
  await holdIn(url, slot, now);
}

/** @throws Error when there is none. */
export async function holdIn(url: string, slot: OpenSlot, now: number): Promise<void> {
  const { span, units } = wishOf(slot, now);
  const response = await fetch(`${url}/api/v1/slots/${slot.slotId}/bookings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
    body: JSON.stringify({
      customerId: 'c-1',
      ...(units === null ? { bestAvailable: { quantity: 1 } } : { units }),
      ...(span === null ? {} : { span }),
    }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`a hold in ${slot.slotId} was answered ${response.status}: ${text.slice(0, 300)}`);
}

/** What is to be had in slots of each kind that `history.ts` tells of; units are null where the slot is to choose. */
function wishOf({ category }: OpenSlot, now: number) {
  switch (category) {
    case 'bus':
      return { span: { fromStop: 'stop-0', toStop: 'stop-1' }, units: null };
    case 'vehicle': {
      const from = Math.ceil(now / HOUR) * HOUR + 30 * DAY;
      return { span: { from: new Date(from).toISOString(), to: new Date(from + HOUR).toISOString() }, units: null };
    }
    case 'event':
      return { span: null, units: [{ unitId: 'yard', quantity: 1 }] };
    default:
      return { span: null, units: null };
  }
}
