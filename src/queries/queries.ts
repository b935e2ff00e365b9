import type { SpanRequest } from '../domain/axis.ts';
import type { Layout } from '../domain/layout.ts';
import type { Availability, BookingFilter, BookingView, PageRead, Read, SeatMap, SlotFilter, SlotSummary, SpanRead } from './answers.ts';

/** What can be asked; each question is answered by one read model. */
export type Question = 'slot' | 'slots' | 'availability' | 'seats' | 'booking' | 'bookings' | 'layout';

/** What a wait came to: `position` is what the question's view has reached now. */
export interface PositionWait {
  readonly reached: boolean;
  readonly position: number;
}

/**
 * The read side as the edge sees it. Absent things are null or `not-found`, never an exception;
 * every method throws ViewsUnavailableError when the views' database cannot be reached.
 */
export interface Queries {
  slot(slotId: string): Promise<Read<SlotSummary | null>>;
  slots(filter: SlotFilter): Promise<PageRead<SlotSummary>>;
  /** Per category, in the order in which the slot's units first name it. Null means the whole slot. */
  availability(slotId: string, span: SpanRequest | null): Promise<SpanRead<Availability>>;
  /** Every unit in the slot's order, with its status over the span. Null means the whole slot. */
  seats(slotId: string, span: SpanRequest | null): Promise<SpanRead<SeatMap>>;
  booking(bookingId: string): Promise<Read<BookingView | null>>;
  /** Newest first; a customer's bookings are those of the filter's `customerId`. */
  bookings(filter: BookingFilter): Promise<PageRead<BookingView>>;
  layout(layoutId: string): Promise<Read<Layout | null>>;
  /** Waits until the view that answers the question has reached the log position, at most so many milliseconds. */
  waitForPosition(question: Question, position: number, timeoutMs: number): Promise<PositionWait>;
}
