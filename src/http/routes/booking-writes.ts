import type { z } from 'zod';
import type { AttemptRecorder } from '../../commands/attempts.ts';
import type { CommandResult, CommandService } from '../../commands/command-service.ts';
import { slotIdOfBooking } from '../../commands/schemas/booking-id.ts';
import {
  cancelBookingSchema,
  changeBookingSchema,
  confirmBookingSchema,
  extendHoldSchema,
  requestBookingSchema,
} from '../../commands/schemas/bookings.ts';
import type { Mapped } from '../../commands/schemas/mapped.ts';
import { toCancelBooking, toChangeBooking, toConfirmBooking, toExtendHold, toRequestBooking } from '../../commands/schemas/to-booking.ts';
import type { SlotCommand } from '../../domain/slot/commands.ts';
import { BODY_LIMIT_BYTES, type JsonBody } from '../body.ts';
import type { Watermark } from '../edge.ts';
import type { Answer, Exchange, Route } from '../exchange.ts';
import { JsonText } from '../json-bytes.ts';
import type { OwnWrites } from '../latest-writes.ts';
import { PROBLEMS, ProblemError, plainProblem } from '../problem.ts';
import { problemOfRefusal } from '../refusal-problem.ts';
import { bookingText } from '../render-booking.ts';
import { problemOfError } from '../thrown.ts';
import { attemptOf } from './attempt-of.ts';
import { PRIVATE_CACHE, problemAnswer } from './reading.ts';
import { demand, replayHeader, writeRoute } from './writing.ts';

interface Parts {
  readonly commands: CommandService;
  readonly recorder: AttemptRecorder;
  readonly watermark: Watermark;
  readonly own: OwnWrites;
}

/** What customers do. Every refusal is on record, also of what never came to be decided. */
export function bookingWriteRoutes({ commands, recorder, watermark, own }: Parts): readonly Route[] {
  return [
    writeRoute({
      path: '/api/v1/slots/{slotId}/bookings',
      body: requestBookingSchema,
      rule: { limit: BODY_LIMIT_BYTES, mayBeAbsent: false },
      onRefused: (exchange, error, body) => recorded(exchange, error, body, exchange.parameters('slotId'), null),
      answer: async ({ exchange, input, context }) => {
        const slotId = exchange.parameters('slotId');
        const command = demand(toRequestBooking(input, slotId));
        if (context.commandId === null) throw new ProblemError(plainProblem('idempotency-key-required'));
        return bookingAnswer(exchange, await commands.execute(slotId, command, context), 201, own);
      },
    }),
    onBooking('confirm', confirmBookingSchema, toConfirmBooking),
    onBooking('cancel', cancelBookingSchema, toCancelBooking, true),
    onBooking('extend-hold', extendHoldSchema, toExtendHold),
    onBooking('change', changeBookingSchema, toChangeBooking),
  ];

  function onBooking<Schema extends z.ZodType>(
    deed: string,
    schema: Schema,
    make: (input: z.input<Schema>, bookingId: string) => Mapped<SlotCommand>,
    mayBeAbsent = false,
  ): Route {
    return writeRoute({
      path: `/api/v1/bookings/{bookingId}/${deed}`,
      body: schema,
      rule: { limit: BODY_LIMIT_BYTES, mayBeAbsent },
      onRefused: (exchange, error, body) => {
        const bookingId = exchange.parameters('bookingId');
        return recorded(exchange, error, body, slotIdOfBooking(bookingId), bookingId);
      },
      answer: async ({ exchange, input, context }) => {
        const bookingId = exchange.parameters('bookingId');
        const slotId = slotIdOfBooking(bookingId);
        const command = demand(make(input, bookingId));
        if (slotId === null) throw new ProblemError(plainProblem('booking-not-found'));
        return bookingAnswer(exchange, await commands.execute(slotId, command, context), 200, own);
      },
    });
  }

  /** Faults of the service itself are no refusals, and neither is a request that broke off. */
  function recorded(exchange: Exchange, error: unknown, body: JsonBody | null, slotId: string | null, bookingId: string | null): Answer {
    const problem = problemOfError(error);
    if (PROBLEMS[problem.code].status >= 500) throw error;
    const attemptId = recorder.record(attemptOf(exchange, problem.code, body, slotId, bookingId));
    return problemAnswer(exchange, problem, { position: watermark.position }, attemptPath(attemptId));
  }
}

function bookingAnswer(exchange: Exchange, result: CommandResult, status: number, own: OwnWrites): Answer {
  const { place } = result;
  if (result.kind === 'refused') {
    const instance = result.attemptId === null ? undefined : attemptPath(result.attemptId);
    return problemAnswer(exchange, problemOfRefusal(result.refusal, result.currency), place, instance);
  }
  if (result.booking === null) throw new Error('A booking command was accepted without a booking.');
  const { booking, currency } = result;
  own.bookings.note(booking.bookingId, place.position);
  own.customers.note(booking.customerId, place.position);
  const headers: Record<string, string> = { 'Cache-Control': PRIVATE_CACHE['Cache-Control'], ETag: `"${place.version}"` };
  if (status === 201) headers.Location = `/api/v1/bookings/${booking.bookingId}`;
  return {
    status,
    headers: result.replayed ? Object.assign(headers, replayHeader(result)) : headers,
    body: new JsonText(bookingText(booking, currency)),
    place,
  };
}

function attemptPath(attemptId: string): string {
  return `/api/v1/audit/attempts/${attemptId}`;
}
