import { z } from 'zod';
import type { SlotEvent } from '../../domain/slot/events.ts';
import type { Unit } from '../../domain/unit.ts';
import type { ApiAnswer, ApiClient } from './http-client.ts';
import { PlaceCount } from './place-count.ts';

const eventsSchema = z.object({
  items: z.array(z.object({ version: z.number(), type: z.string(), data: z.looseObject({}) })),
});
const attemptsSchema = z.object({
  items: z.array(z.object({ attemptId: z.string(), slotVersion: z.number().nullable() })),
  nextCursor: z.string().nullable(),
  dropped: z.number(),
});
const seatsSchema = z.object({
  units: z.array(z.object({ unitId: z.string(), status: z.string(), capacity: z.number().optional(), sold: z.number().optional() })),
});
const unitsSchema = z.object({
  units: z.array(
    z.object({ unitId: z.string(), category: z.string(), capacity: z.number().exactOptional(), accessible: z.boolean().exactOptional() }),
  ),
});

/** The most that a page may have. */
const PAGE = 200;
/** How long a read may wait for its view to come to the last write, or for refusals to be on record: as long as the service lets it. */
const PATIENT = { prefer: 'wait=10' };

/** The slot's places, counted from its stream as the service's audit shows it. @throws Error when it is none that is sold as a whole. */
export async function countPlaces(client: ApiClient, slotId: string): Promise<PlaceCount> {
  const count = new PlaceCount();
  for (let fromVersion = 1; ; ) {
    const path = `/audit/streams/slot-${slotId}/events?fromVersion=${fromVersion}&limit=${PAGE}&upcast=true`;
    const { items } = eventsSchema.parse((await get(client, path)).body);
    for (const { type, data } of items) {
      // The service's own audit says that these are data of its newest events.
      const event = { ...data, type } as unknown as SlotEvent;
      if (event.type === 'SlotOpened') {
        if (event.axis.type !== 'whole')
          throw new Error(`slot ${slotId} is sold by ${event.axis.type}; a rush needs one that is sold as a whole`);
        if (event.layoutId !== null) count.addUnits(await layoutUnits(client, event.layoutId));
      }
      count.take(event);
    }
    fromVersion += items.length;
    if (items.length === 0) return count;
  }
}

async function layoutUnits(client: ApiClient, layoutId: string): Promise<readonly Unit[]> {
  return unitsSchema.parse((await get(client, `/layouts/${layoutId}`)).body).units;
}

export interface RecordedRefusals {
  /** The version of the slot that each refusal was decided on, by attempt. */
  readonly versions: ReadonlyMap<string, number>;
  /** Refusals of that time, on any slot, that were not recorded. */
  readonly dropped: number;
}

/** The refusals with this code since the instant (RFC 3339). */
export async function readRefusals(client: ApiClient, slotId: string, code: string, since: string): Promise<RecordedRefusals> {
  const versions = new Map<string, number>();
  const filter = `slotId=${slotId}&code=${code}&from=${encodeURIComponent(since)}&limit=${PAGE}`;
  for (let cursor = ''; ; ) {
    const path = `/audit/attempts?${filter}${cursor}`;
    const page = attemptsSchema.parse((await get(client, path, PATIENT)).body);
    for (const { attemptId, slotVersion } of page.items) if (slotVersion !== null) versions.set(attemptId, slotVersion);
    if (page.nextCursor === null) return { versions, dropped: page.dropped };
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** Places sold by unit, as the seat map shows them once it has come to the position. */
export async function readSold(client: ApiClient, slotId: string, position: string): Promise<ReadonlyMap<string, number>> {
  const headers = position === '' ? {} : { 'holdfast-position': position, ...PATIENT };
  const { units } = seatsSchema.parse((await get(client, `/slots/${slotId}/seats`, headers)).body);
  const sold = new Map<string, number>();
  for (const unit of units) {
    const places = unit.capacity === undefined ? Number(unit.status === 'sold') : (unit.sold ?? 0);
    if (places > 0) sold.set(unit.unitId, places);
  }
  return sold;
}

async function get(client: ApiClient, path: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
  const answer = await client.ask({ method: 'GET', path, headers });
  if (answer.status === 200) return answer;
  throw new Error(`${client.url}/api/v1${path} was answered with ${answer.status} ${String(answer.body.code ?? '')}`);
}
