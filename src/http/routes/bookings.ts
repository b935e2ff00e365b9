import { bookingsQuerySchema, customerBookingsQuerySchema, noQuerySchema } from '../../commands/schemas/query-strings.ts';
import type { BookingView, PageRead } from '../../queries/answers.ts';
import type { Queries } from '../../queries/queries.ts';
import type { Answer, Route } from '../exchange.ts';
import type { OwnWrites } from '../latest-writes.ts';
import { plainProblem } from '../problem.ts';
import { rangeOf } from '../query-string.ts';
import { renderBooking } from '../render-booking.ts';
import {
  awaitPosition,
  DEFAULT_LIMIT,
  invalidCursor,
  mustHaveReached,
  PRIVATE_CACHE,
  problemAnswer,
  readRoute,
  sourceOf,
} from './reading.ts';
import { placeOf } from './slots.ts';

/** What can be read of bookings. */
export function bookingReadRoutes(queries: Queries, own: OwnWrites): readonly Route[] {
  const ofCustomer = (name: string) => ({ name, writes: own.customers });
  return [
    readRoute('/api/v1/bookings/{bookingId}', noQuerySchema, async (exchange) => {
      const bookingId = exchange.parameters('bookingId');
      const required = await awaitPosition(queries, 'booking', exchange, { name: bookingId, writes: own.bookings });
      const read = await queries.booking(bookingId);
      mustHaveReached(required, read.position);
      if (read.value === null) return problemAnswer(exchange, plainProblem('booking-not-found'), { position: read.position });
      const { booking, currency } = read.value;
      return {
        status: 200,
        headers: { ...PRIVATE_CACHE, ...sourceOf(read) },
        body: renderBooking(booking, currency),
        place: placeOf(booking.slotId, booking.version, read.position),
      };
    }),

    readRoute('/api/v1/bookings', bookingsQuerySchema, async (exchange, { from, to, ...filter }) => {
      const range = rangeOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const { customerId } = filter;
      const named = customerId === undefined ? undefined : ofCustomer(customerId);
      const required = await awaitPosition(queries, 'bookings', exchange, named);
      return pageAnswer(required, await queries.bookings({ limit: DEFAULT_LIMIT, ...filter, ...range }));
    }),

    readRoute('/api/v1/customers/{customerId}/bookings', customerBookingsQuerySchema, async (exchange, filter) => {
      const customerId = exchange.parameters('customerId');
      const required = await awaitPosition(queries, 'bookings', exchange, ofCustomer(customerId));
      return pageAnswer(required, await queries.bookings({ limit: DEFAULT_LIMIT, ...filter, customerId }));
    }),
  ];
}

/** @param required the position that the answer must have reached. */
function pageAnswer(required: number, found: PageRead<BookingView>): Answer {
  if (found.kind === 'invalid-cursor') throw invalidCursor();
  const { value, position } = found.read;
  mustHaveReached(required, position);
  return {
    status: 200,
    headers: { ...PRIVATE_CACHE, ...sourceOf(found.read) },
    body: { items: value.items.map(({ booking, currency }) => renderBooking(booking, currency)), nextCursor: value.nextCursor },
    place: { position },
  };
}
