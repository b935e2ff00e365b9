import { z } from 'zod';
import type { ApiAnswer, ApiClient } from './http-client.ts';
import { type Random, wholeBetween } from './random.ts';
import type { Intention, RushRecords } from './rush-records.ts';

const bookingSchema = z.object({
  bookingId: z.string(),
  status: z.string(),
  version: z.number(),
  claims: z.array(z.object({ unitId: z.string(), quantity: z.number() })),
});
const problemSchema = z.object({ code: z.string(), instance: z.string().optional() });

const ATTEMPT = '/api/v1/audit/attempts/';

/** The most seats that one buyer asks for at once. */
export const MAX_SEATS_ASKED = 6;
/** A buyer who lets go for ever would never let the show sell out. */
const MAX_LET_GO = 3;

export interface Buyer {
  readonly name: string;
  readonly client: ApiClient;
  readonly slotId: string;
  readonly random: Random;
  readonly records: RushRecords;
}

/**
 * Buys the best seats there are, one to six at a time, until not even one is to be had. Asks for fewer
 * when not enough are left. Whoever lets seats go asks again afterwards, so that in the end none is left.
 */
export async function buyUntilSoldOut(buyer: Buyer): Promise<void> {
  const { random } = buyer;
  const undecided: { readonly bookingId: string; readonly intention: Intention }[] = [];
  let requests = 0;
  let letGo = 0;
  let most = MAX_SEATS_ASKED;
  for (;;) {
    const quantity = wholeBetween(random, 1, most);
    const intention = intentionOf(random(), letGo < MAX_LET_GO);
    requests += 1;
    const bookingId = await askForSeats(buyer, quantity, intention, requests);
    if (bookingId === null) {
      most = quantity - 1;
      if (most > 0) continue;
      const freed = await settle(buyer, undecided);
      if (!freed) return;
      most = MAX_SEATS_ASKED;
      continue;
    }
    if (intention === 'let-go') letGo += 1;
    if (intention === 'at-once') await confirm(buyer, bookingId);
    if (intention === 'later' || intention === 'let-go') undecided.push({ bookingId, intention });
    // Some of what was put off is decided while the rush goes on.
    if (undecided.length > 2) await settle(buyer, undecided);
  }
}

function intentionOf(chance: number, mayLetGo: boolean): Intention {
  if (chance < 0.3) return 'with-the-hold';
  if (chance < 0.7) return 'at-once';
  return chance < 0.9 || !mayLetGo ? 'later' : 'let-go';
}

/** @returns the booking; null when there are not so many seats. */
async function askForSeats(
  { client, slotId, name, records }: Buyer,
  quantity: number,
  intention: Intention,
  request: number,
): Promise<string | null> {
  const knownVersion = records.highestVersion;
  const answer = await client.ask({
    method: 'POST',
    path: `/slots/${slotId}/bookings`,
    headers: { 'idempotency-key': `${name}-${request}` },
    body: {
      customerId: name,
      bestAvailable: { quantity },
      ...(intention === 'with-the-hold' ? { confirm: { paymentReference: `${name}-${request}` } } : {}),
    },
  });
  records.answered(answer);
  const { url } = client;
  const { status, milliseconds } = answer;
  if (status < 300) {
    records.seatsAsked({ url, quantity, knownVersion, status, code: null, attemptId: null, milliseconds });
    return takeBooking(records, answer);
  }
  const { code, instance = '' } = problemSchema.parse(answer.body);
  const attemptId = instance.startsWith(ATTEMPT) ? instance.slice(ATTEMPT.length) : null;
  records.seatsAsked({ url, quantity, knownVersion, status, code, attemptId, milliseconds });
  if (code !== 'sold-out') throw new Error(`${quantity} of the best seats were refused with ${code}`);
  return null;
}

function takeBooking(records: RushRecords, { body }: ApiAnswer): string {
  const { bookingId, status, version, claims } = bookingSchema.parse(body);
  records.booking({ bookingId, status, version, units: claims.flatMap(({ unitId, quantity }) => Array<string>(quantity).fill(unitId)) });
  return bookingId;
}

/** Decides everything that was put off. @returns whether seats became free by it. */
async function settle(buyer: Buyer, undecided: { readonly bookingId: string; readonly intention: Intention }[]): Promise<boolean> {
  let freed = false;
  for (const { bookingId, intention } of undecided.splice(0)) {
    if (intention === 'let-go') {
      await change(buyer, bookingId, 'cancel', {});
      freed = true;
    } else await confirm(buyer, bookingId);
  }
  return freed;
}

function confirm(buyer: Buyer, bookingId: string): Promise<void> {
  return change(buyer, bookingId, 'confirm', { paymentReference: `pay-${bookingId}` });
}

async function change({ client, records }: Buyer, bookingId: string, step: 'confirm' | 'cancel', body: object): Promise<void> {
  const answer = await client.ask({
    method: 'POST',
    path: `/bookings/${encodeURIComponent(bookingId)}/${step}`,
    headers: { 'idempotency-key': `${step}-${bookingId}` },
    body,
  });
  records.answered(answer);
  if (answer.status < 300) takeBooking(records, answer);
  else records.failures.push({ bookingId, step, code: problemSchema.parse(answer.body).code });
}
