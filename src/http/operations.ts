import type { z } from 'zod';
import * as answer from './answer-schemas.ts';
import type { ProblemCode } from './problem.ts';

/** What the OpenAPI document says of a route beyond what its schemas say. */
export interface Operation {
  readonly summary: string;
  readonly answer: z.ZodType;
  /** 201 where something new is made, 202 where it is begun; else 200. */
  readonly status?: 200 | 201 | 202;
  /** Also answered with 200, where what was to be made may be there already. */
  readonly mayExist?: true;
  /** True where the answer is a stream of server-sent events, or 204 when there will be none. */
  readonly streamed?: true;
  /** True where the answer has an entity tag, so that who has this form of it is answered 304. */
  readonly tagged?: true;
  /** Codes beyond those that any route of its kind may answer. */
  readonly problems: readonly ProblemCode[];
}

const SPAN_PROBLEMS = ['slot-not-found', 'span-required', 'span-invalid'] as const satisfies readonly ProblemCode[];
const SLOT_WRITE_PROBLEMS = [
  'slot-not-found',
  'slot-cancelled',
  'stale-version',
  'unknown-unit',
  'seats-taken',
] as const satisfies readonly ProblemCode[];
const BOOKING_PROBLEMS = [
  'booking-not-found',
  'slot-cancelled',
  'already-confirmed',
  'already-released',
  'hold-expired',
  'stale-version',
  'unknown-unit',
] as const satisfies readonly ProblemCode[];

const onSlot = (summary: string): Operation => ({ summary, answer: answer.summaryAnswer, problems: SLOT_WRITE_PROBLEMS });
const onBooking = (summary: string, ...more: readonly ProblemCode[]): Operation => ({
  summary,
  answer: answer.bookingAnswer,
  problems: [...BOOKING_PROBLEMS, ...more],
});

/** By method and path. A test holds the routes and this table together. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /api/v1/slots': {
    summary: 'Open a slot',
    answer: answer.summaryAnswer,
    status: 201,
    problems: ['slot-exists', 'in-the-past', 'limit-exceeded'],
  },
  'GET /api/v1/slots': { summary: 'Search slots', answer: answer.slotPageAnswer, problems: [] },
  'GET /api/v1/slots/{slotId}': {
    summary: 'A slot with its counts',
    answer: answer.summaryAnswer,
    tagged: true,
    problems: ['slot-not-found'],
  },
  'PATCH /api/v1/slots/{slotId}': {
    summary: 'Change what describes a slot, by JSON merge patch',
    answer: answer.summaryAnswer,
    problems: ['slot-not-found', 'slot-cancelled', 'stale-version', 'precondition-required', 'in-the-past'],
  },
  'GET /api/v1/slots/{slotId}/availability': {
    summary: 'Free units by category',
    answer: answer.availabilityAnswer,
    tagged: true,
    problems: SPAN_PROBLEMS,
  },
  'GET /api/v1/slots/{slotId}/seats': {
    summary: 'Every unit with its status',
    answer: answer.seatMapAnswer,
    tagged: true,
    problems: SPAN_PROBLEMS,
  },
  'GET /api/v1/slots/{slotId}/live': {
    summary: 'The seat map as it changes, by server-sent events: reset, slot, units, counts, bye',
    answer: answer.liveEvents,
    streamed: true,
    problems: SPAN_PROBLEMS,
  },
  'POST /api/v1/slots/{slotId}/units': onSlot('Add units'),
  'POST /api/v1/slots/{slotId}/units/change': onSlot('Change price, category or capacity of units; what is sold keeps its price'),
  'POST /api/v1/slots/{slotId}/units/block': onSlot('Take units off sale'),
  'POST /api/v1/slots/{slotId}/units/unblock': onSlot('Put blocked units back on sale'),
  'POST /api/v1/slots/{slotId}/units/withdraw': onSlot('Take units away for good'),
  'POST /api/v1/slots/{slotId}/close': onSlot('Stop new holds; existing ones can be confirmed'),
  'POST /api/v1/slots/{slotId}/reopen': onSlot('Sell again'),
  'POST /api/v1/slots/{slotId}/cancel': onSlot('Cancel the slot with all its bookings'),
  'POST /api/v1/slots/{slotId}/bookings': {
    summary: 'Hold units for a customer, or hold and confirm them',
    answer: answer.bookingAnswer,
    status: 201,
    problems: [
      'idempotency-key-required',
      'slot-not-found',
      'seats-taken',
      'sold-out',
      'not-adjacent',
      'price-changed',
      'not-on-sale',
      'slot-closed',
      'slot-cancelled',
      'stale-version',
      'unknown-unit',
      'limit-exceeded',
      'span-required',
      'span-invalid',
      'in-the-past',
      'would-leave-orphan',
    ],
  },
  'GET /api/v1/bookings': { summary: 'Search bookings', answer: answer.bookingPageAnswer, problems: [] },
  'GET /api/v1/bookings/{bookingId}': { summary: 'A booking', answer: answer.bookingAnswer, problems: ['booking-not-found'] },
  'POST /api/v1/bookings/{bookingId}/confirm': onBooking('Confirm after payment, the whole or a part'),
  'POST /api/v1/bookings/{bookingId}/cancel': onBooking('Cancel, the whole or a part'),
  'POST /api/v1/bookings/{bookingId}/extend-hold': onBooking('Let a hold live longer, up to its cap', 'hold-cap-reached'),
  'POST /api/v1/bookings/{bookingId}/change': onBooking(
    'Change the units of a hold',
    'seats-taken',
    'price-changed',
    'limit-exceeded',
    'slot-closed',
    'not-on-sale',
    'in-the-past',
    'would-leave-orphan',
  ),
  'GET /api/v1/customers/{customerId}/bookings': {
    summary: "A customer's bookings, newest first",
    answer: answer.bookingPageAnswer,
    problems: [],
  },
  'POST /api/v1/layouts': {
    summary: 'Store units and geometry that many slots share; the same again is the same (200)',
    answer: answer.layoutCreatedAnswer,
    status: 201,
    mayExist: true,
    problems: [],
  },
  'GET /api/v1/layouts/{layoutId}': { summary: 'A layout', answer: answer.layoutAnswer, tagged: true, problems: ['not-found'] },
  'GET /api/v1/audit/events': { summary: 'The log, from a position on', answer: answer.eventPageAnswer, problems: [] },
  'GET /api/v1/audit/streams/{streamId}/events': {
    summary: 'The events of one stream',
    answer: answer.eventPageAnswer,
    problems: ['stream-not-found'],
  },
  'GET /api/v1/audit/slots/{slotId}': { summary: 'A slot as it was', answer: answer.slotAsOfAnswer, problems: ['slot-not-found'] },
  'GET /api/v1/audit/slots/{slotId}/units/{unitId}': {
    summary: 'Who had a unit, and the events that explain it',
    answer: answer.unitHistoryAnswer,
    problems: ['slot-not-found', 'unknown-unit'],
  },
  'GET /api/v1/audit/attempts': { summary: 'Refused bookings, newest first', answer: answer.attemptPageAnswer, problems: [] },
  'GET /api/v1/admin/projections': {
    summary: 'Read models: how far they are, and their builds',
    answer: answer.projectionPageAnswer,
    problems: [],
  },
  'POST /api/v1/admin/projections/{name}/rebuild': {
    summary: 'Build a read model anew from the log, beside the one that is read; one that is on its way is found again',
    answer: answer.projectionAnswer,
    status: 202,
    problems: ['not-found'],
  },
  'GET /api/v1/audit/attempts/{attemptId}': { summary: 'A refused booking', answer: answer.attemptAnswer, problems: ['not-found'] },
};
