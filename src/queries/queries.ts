import type { SpanRequest } from '../domain/axis.ts';
import type { Layout } from '../domain/layout.ts';
import { bookings as bookingsProjection } from '../projections/bookings/bookings.ts';
import type { LiveBuilds } from '../projections/builds/live-builds.ts';
import type { Queryable } from '../projections/checkpoints.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import type { PositionWait, PositionWatch } from '../projections/position-watch.ts';
import type {
  Availability,
  BookingFilter,
  BookingView,
  PageRead,
  Read,
  SeatMap,
  SlotFilter,
  SlotSummary,
  Soon,
  SpanRead,
} from './answers.ts';
import { availability } from './availability.ts';
import { booking } from './booking.ts';
import { bookings } from './bookings.ts';
import type { ViewSource } from './database.ts';
import { LayoutShelf } from './layout.ts';
import { seats } from './seats.ts';
import { slot } from './slot.ts';
import { slots } from './slots.ts';

export type { PositionWait };

/** What can be asked; each question is answered by one read model. */
export type Question = 'slot' | 'slots' | 'availability' | 'seats' | 'booking' | 'bookings' | 'layout';

/**
 * The read side as the edge sees it. Absent things are null or `not-found`, never an exception;
 * every method throws ViewsUnavailableError when the views' database cannot be reached.
 */
export interface Queries {
  slot(slotId: string): Promise<Read<SlotSummary | null>>;
  slots(filter: SlotFilter): Promise<PageRead<SlotSummary>>;
  /** Per category, in the order in which the slot's units first name it. Null means the whole slot. */
  availability(slotId: string, span: SpanRequest | null): Soon<SpanRead<Availability>>;
  /** Every unit in the slot's order, with its status over the span. Null means the whole slot. */
  seats(slotId: string, span: SpanRequest | null): Soon<SpanRead<SeatMap>>;
  booking(bookingId: string): Promise<Read<BookingView | null>>;
  /** Newest first; a customer's bookings are those of the filter's `customerId`. */
  bookings(filter: BookingFilter): Promise<PageRead<BookingView>>;
  layout(layoutId: string): Promise<Read<Layout | null>>;
  /** Waits until the view that answers the question has reached the log position, at most so many milliseconds. */
  waitForPosition(question: Question, position: number, timeoutMs: number): Promise<PositionWait>;
}

/** The projection whose tables answer each question. */
const ANSWERED_BY = {
  slot: inventory,
  slots: inventory,
  availability: inventory,
  seats: inventory,
  layout: inventory,
  booking: bookingsProjection,
  bookings: bookingsProjection,
} as const satisfies Readonly<Record<Question, object>>;

/**
 * Answers from PostgreSQL. `live` and `watch` are the projection runner's where one runs in this process,
 * else of its own; `now` is the log's clock in epoch milliseconds.
 */
export function createQueries(parts: {
  readonly pool: Queryable;
  readonly live: LiveBuilds;
  readonly watch: PositionWatch;
  readonly now: () => number;
}): Queries {
  const source: ViewSource = { database: parts.pool, live: parts.live, now: parts.now };
  const layouts = new LayoutShelf(source);
  return {
    slot: (slotId) => slot(source, slotId),
    slots: (filter) => slots(source, filter),
    availability: (slotId, span) => availability(source, layouts, slotId, span),
    seats: (slotId, span) => seats(source, layouts, slotId, span),
    booking: (bookingId) => booking(source, bookingId),
    bookings: (filter) => bookings(source, filter),
    layout: (layoutId) => layouts.read(layoutId),
    waitForPosition: (question, position, timeoutMs) => parts.watch.waitFor(ANSWERED_BY[question], position, timeoutMs),
  };
}
