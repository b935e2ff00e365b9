import type { Axis, OpeningHours, SpanRequest } from './axis.ts';
import { localTimeAt } from './local-time.ts';
import { type Span, WHOLE } from './span.ts';

export type ResolvedSpan =
  /** `span` is what was asked for; `occupied` adds the buffer that must stay free behind it. */
  | { readonly kind: 'resolved'; readonly span: Span; readonly occupied: Span }
  | { readonly kind: 'span-required' }
  | { readonly kind: 'span-invalid'; readonly pointer: string; readonly message: string };

/** What of a slot decides where a span lies. */
export interface SpanContext {
  readonly axis: Axis;
  readonly timeZone: string;
}

/** The furthest instants that an axis can hold; every span on `time` lies between them. */
export const TIME_AXIS: Span = Object.freeze({ from: -8_640_000_000_000_000, to: 8_640_000_000_000_000 });

/** The whole of an axis, from its first point to its last. */
export function wholeAxis(axis: Axis): Span {
  switch (axis.type) {
    case 'whole':
      return WHOLE;
    case 'stops':
      return { from: 0, to: axis.stops.length - 1 };
    case 'time':
      return TIME_AXIS;
  }
}

/**
 * Places a span in the caller's words on a slot's axis. The offer (availability, seat maps) and the
 * booking check both come through here, so that they cannot disagree about opening hours, daylight
 * saving or buffers.
 */
export function resolveSpan(slot: SpanContext, request: SpanRequest | null): ResolvedSpan {
  switch (slot.axis.type) {
    case 'whole':
      if (request !== null) return invalid('', 'this slot is sold as a whole: leave the span out');
      return { kind: 'resolved', span: WHOLE, occupied: WHOLE };
    case 'stops':
      return resolveStops(slot.axis.stops, request);
    case 'time':
      return resolveTime(slot.axis, slot.timeZone, request);
  }
}

/** A span on the axis with the buffer that must stay free behind it. */
export function occupiedSpan(axis: Axis, span: Span): Span {
  if (axis.type !== 'time' || axis.bufferMinutes === 0) return span;
  return { from: span.from, to: span.to + axis.bufferMinutes * 60_000 };
}

function resolveStops(stops: readonly { readonly stopId: string }[], request: SpanRequest | null): ResolvedSpan {
  if (request === null) {
    const trip = { from: 0, to: stops.length - 1 };
    return { kind: 'resolved', span: trip, occupied: trip };
  }
  if (!('fromStop' in request)) return invalid('', 'a trip is booked from stop to stop: give fromStop and toStop');
  const from = stops.findIndex((stop) => stop.stopId === request.fromStop);
  const to = stops.findIndex((stop) => stop.stopId === request.toStop);
  if (from < 0) return invalid('/fromStop', 'the trip does not call at this stop');
  if (to < 0) return invalid('/toStop', 'the trip does not call at this stop');
  if (to <= from) return invalid('/toStop', 'the trip calls at toStop before fromStop, or they are the same');
  const span = { from, to };
  return { kind: 'resolved', span, occupied: span };
}

function resolveTime(axis: Extract<Axis, { type: 'time' }>, timeZone: string, request: SpanRequest | null): ResolvedSpan {
  if (request === null) return { kind: 'span-required' };
  if ('fromStop' in request) return invalid('', 'this slot is booked by time: give from and to');
  if (request.to <= request.from) return invalid('/to', 'to must be later than from');
  const { opening } = axis;
  if (opening !== undefined) {
    if (!isOpen(opening, localTimeAt(request.from, timeZone))) return invalid('/from', `closed at this time (${timeZone})`);
    // A span may end at the very minute of closing, when its last moment is what lies inside, and at the very minute of opening.
    const isReturned = [request.to - 1, request.to].some((instant) => isOpen(opening, localTimeAt(instant, timeZone)));
    if (!isReturned) return invalid('/to', `closed at this time (${timeZone})`);
  }
  const span = { from: request.from, to: request.to };
  return { kind: 'resolved', span, occupied: occupiedSpan(axis, span) };
}

function isOpen(opening: readonly OpeningHours[], local: ReturnType<typeof localTimeAt>): boolean {
  return opening.some(
    (hours) => hours.days.includes(local.weekday) && minuteOf(hours.from) <= local.minuteOfDay && local.minuteOfDay < minuteOf(hours.to),
  );
}

/** Minutes since midnight of `HH:MM`; `24:00` is the end of the day. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

function invalid(pointer: string, message: string): ResolvedSpan {
  return { kind: 'span-invalid', pointer: `/span${pointer}`, message };
}
