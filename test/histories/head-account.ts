/** What describes a slot in the log; fields that the judges do not look at pass through to where summaries are compared. */
export interface HeadAccount {
  readonly status: 'OPEN' | 'CLOSED' | 'CANCELLED';
  readonly axis: AxisData;
  readonly timeZone: string;
  readonly currency: string;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly salesFrom: number | null;
  readonly salesUntil: number | null;
  readonly prices: Readonly<Record<string, number>> | null;
  readonly policy: {
    readonly holdSeconds: number;
    readonly maxHoldSeconds: number;
    readonly maxUnitsPerBooking: number;
    readonly orphanSeats: 'allow' | 'avoid' | 'forbid';
    readonly acceptPast: boolean;
  };
  readonly [field: string]: unknown;
}

export interface StopData {
  readonly stopId: string;
  readonly arrivesAt?: number;
  readonly departsAt?: number;
}

export type AxisData =
  | { readonly type: 'whole' }
  | { readonly type: 'stops'; readonly stops: readonly StopData[] }
  | { readonly type: 'time'; readonly opening?: unknown; readonly bufferMinutes: number };

/** From `from` up to but without `to`, on the slot's axis: stops by number, instants in epoch milliseconds, 0..1 for the whole. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export const ALL_TIME: Stretch = { from: -8.64e15, to: 8.64e15 };

/** Everything that a booking can be about; on the time axis from an instant on. */
export function stretchToCome({ axis }: HeadAccount, now: number): Stretch {
  if (axis.type === 'time') return { from: now, to: ALL_TIME.to };
  return { from: 0, to: axis.type === 'stops' ? axis.stops.length - 1 : 1 };
}

/** A claim keeps its unit until the buffer behind it is over. */
export function withBuffer({ axis }: HeadAccount, { from, to }: Stretch): Stretch {
  return { from, to: axis.type === 'time' ? to + axis.bufferMinutes * 60_000 : to };
}

/** When the stretch takes place, epoch milliseconds; null when the slot does not say. */
export function takesPlace({ axis, startsAt, endsAt }: HeadAccount, stretch: Stretch): Stretch | null {
  if (axis.type === 'time') return stretch;
  if (axis.type === 'whole') return startsAt === null ? null : { from: startsAt, to: endsAt ?? startsAt };
  const [first, last] = [axis.stops[stretch.from], axis.stops[stretch.to]];
  const from = first?.departsAt ?? first?.arrivesAt ?? startsAt;
  const to = last?.arrivesAt ?? last?.departsAt ?? from;
  return from === null || to === null ? null : { from, to };
}

/** Whether a unit is offered at all when something takes place. */
export function isOffered(unit: { readonly availableFrom?: number; readonly availableUntil?: number }, when: Stretch | null): boolean {
  return when === null || (when.from >= (unit.availableFrom ?? when.from) && when.to <= (unit.availableUntil ?? when.to));
}

/** The stretch that a request names; `required` when it has to name one and does not. Opening hours are not looked at. */
export function stretchAsked(head: HeadAccount, span: unknown): Stretch | 'required' | 'invalid' {
  const { axis } = head;
  if (span === undefined || span === null) return axis.type === 'time' ? 'required' : stretchToCome(head, 0);
  const { fromStop, toStop, from, to } = span as Readonly<Record<'fromStop' | 'toStop' | 'from' | 'to', string | undefined>>;
  const place = (stopId: string | undefined) => (axis.type === 'stops' ? axis.stops.findIndex((stop) => stop.stopId === stopId) : -1);
  const stretch =
    axis.type === 'time' ? { from: Date.parse(from ?? ''), to: Date.parse(to ?? '') } : { from: place(fromStop), to: place(toStop) };
  return stretch.from >= (axis.type === 'stops' ? 0 : ALL_TIME.from) && stretch.to > stretch.from ? stretch : 'invalid';
}
