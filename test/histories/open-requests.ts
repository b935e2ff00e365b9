import { askedBy, type Deed, isSuccess, isUnknown } from './asked.ts';
import type { ClientRecord, History, Json } from './history.ts';
import { grouped } from './timeline.ts';

/** A request that was done, or of which nobody knows. */
export interface OpenRequest {
  readonly record: ClientRecord;
  readonly body: Json;
  /** The earliest that it can have been on the clock that decided, epoch milliseconds. */
  readonly earliest: number;
}

/** All requests from which events may come: those that were refused are not among them. */
export class OpenRequests {
  private readonly byDeed = new Map<string, OpenRequest[]>();
  private readonly bookings = new Map<unknown, OpenRequest[]>();

  constructor({ records, clientSkewMs, serviceSkewMs }: History) {
    for (const record of records) {
      if (isSuccess(record) || isUnknown(record)) this.add(record, record.startedAt - clientSkewMs - serviceSkewMs);
    }
  }

  /** @param id the booking's; the slot's for what operators do. */
  of(deed: Deed, id: string): readonly OpenRequest[] {
    return this.byDeed.get(`${deed} ${id}`) ?? [];
  }

  /** Those for new bookings that gave this reference. */
  forBooking(reference: unknown): readonly OpenRequest[] {
    return this.bookings.get(reference) ?? [];
  }

  private add(record: ClientRecord, earliest: number): void {
    const { deed, slotId, bookingId, body } = askedBy(record);
    if (deed === 'book') grouped(this.bookings, body.reference).push({ record, body, earliest });
    else grouped(this.byDeed, `${deed} ${bookingId ?? slotId}`).push({ record, body, earliest });
  }
}
