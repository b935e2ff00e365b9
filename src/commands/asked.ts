import type { SpanRequest } from '../domain/axis.ts';
import type { SlotCommand } from '../domain/slot/commands.ts';
import type { Selection } from '../domain/slot/events.ts';
import { formatInstant } from './schemas/instants.ts';

export type BookingCommand = Extract<SlotCommand, { readonly bookingId: string }>;

/**
 * What a booking's command asks for, as JSON in the words of the API that it came by: with the members of the request,
 * times as RFC 3339 in `Z`, and without what was not said. `type` tells which request it was.
 */
export function askedIn(command: BookingCommand): string {
  return JSON.stringify(requestOf(command));
}

/** Members that are undefined are none in JSON. */
function requestOf(command: BookingCommand): Readonly<Record<string, unknown>> {
  const { type } = command;
  switch (command.type) {
    case 'RequestBooking': {
      const { customerId, selection, span, metadata } = command;
      const [expectedTotal, reference, confirm] = [said(command.expectedTotal), said(command.reference), said(command.confirm)];
      const units = selection.kind === 'units' ? selection.units : undefined;
      const bestAvailable = selection.kind === 'units' ? undefined : partyOf(selection);
      return {
        type,
        customerId,
        units,
        bestAvailable,
        span: spanOf(span),
        expectedTotal,
        reference,
        metadata: membersOf(metadata),
        confirm,
      };
    }
    case 'ConfirmBooking':
      return { type, paymentReference: command.paymentReference, units: said(command.units) };
    case 'CancelBooking':
      return { type, units: said(command.units), reason: said(command.reason) };
    case 'ExtendHold':
      return { type, seconds: command.seconds };
    case 'ChangeBooking':
      return { type, add: command.add, drop: command.drop, expectedTotal: said(command.expectedTotal) };
  }
}

function partyOf({ quantity, category, adjacent, accessible }: Extract<Selection, { readonly kind: 'bestAvailable' }>): object {
  return { quantity, category: said(category), adjacent: said(adjacent), accessible };
}

function spanOf(span: SpanRequest | null): object | undefined {
  if (span === null) return undefined;
  return 'fromStop' in span ? span : { from: formatInstant(span.from), to: formatInstant(span.to) };
}

function membersOf(metadata: Readonly<Record<string, string>>): object | undefined {
  for (const _ in metadata) return metadata;
  return undefined;
}

function said<Value>(value: Value | null): Value | undefined {
  return value ?? undefined;
}
