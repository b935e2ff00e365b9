import { createApiClient } from './http-client.ts';

/** Seats of a row, so that best-available has aisles and gaps to think about. */
const ROW_LENGTH = 25;
/** What fits into one request to open a slot: a seat takes some 92 of the bytes that its units may have. */
export const MAX_SEATS = 4_000;
const DAY_MS = 86_400_000;

/** Opens a show of so many numbered seats at one price, to rush at. @returns its slot id. */
export async function openShow(url: string, seats: number, slotId: string): Promise<string> {
  const client = createApiClient(url);
  try {
    const units = Array.from({ length: seats }, (_, index) => {
      const row = String(Math.floor(index / ROW_LENGTH) + 1);
      const number = String((index % ROW_LENGTH) + 1);
      return { unitId: `${row}-${number}`, section: 'Hall', row, number, category: 'seat', price: 2_500 };
    });
    const answer = await client.ask({
      method: 'POST',
      path: '/slots',
      headers: { 'idempotency-key': `open-${slotId}` },
      body: {
        slotId,
        category: 'show',
        title: `Rush on ${seats} seats`,
        startsAt: new Date(Date.now() + DAY_MS).toISOString(),
        currency: 'GBP',
        units,
      },
    });
    if (answer.status === 201) return slotId;
    throw new Error(
      `the show could not be opened: ${answer.status} ${String(answer.body.code ?? '')}: ${String(answer.body.detail ?? '')}`,
    );
  } finally {
    client.close();
  }
}
