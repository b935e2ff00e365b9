import { type Deed, partAsked, unitsAsked } from './asked.ts';
import type { BookingAccount, ClaimData } from './booking-account.ts';
import { stretchAsked } from './head-account.ts';
import type { ClientRecord, Json, LoggedEvent } from './history.ts';
import { areBlocksAsked } from './judge-blocks.ts';
import type { OpenRequest, OpenRequests } from './open-requests.ts';
import { isPatchAsked } from './patched.ts';
import type { SlotAccount } from './slot-account.ts';

/** Which request an event about a booking comes from. */
const OF_CUSTOMERS: Readonly<Record<string, Deed>> = {
  HoldExtended: 'extend-hold',
  BookingChanged: 'change',
  BookingConfirmed: 'confirm',
  SeatsReleased: 'cancel',
  BookingCancelled: 'cancel',
};

/** The same of an event about the slot; who opened it may have been an importer. */
const OF_OPERATORS: Readonly<Record<string, Deed>> = {
  SlotChanged: 'patch',
  SlotClosed: 'close',
  SlotReopened: 'reopen',
  SlotCancelled: 'cancel-slot',
  UnitsAdded: 'add',
  UnitsChanged: 'change-units',
  UnitsBlocked: 'block',
  UnitsUnblocked: 'unblock',
  UnitsWithdrawn: 'withdraw',
};

/** Where an event comes from. */
export interface Origin {
  /** The requests that asked for just this; one of them was done by it. */
  readonly fitting: readonly ClientRecord[];
  /** What speaks against it; null when nothing does. */
  readonly fault: string | null;
}

/** Of an event that no request asks for, or whose requests cannot be told. */
const NO_REQUEST: Origin = { fitting: [], fault: null };

/**
 * Where an event that is about to follow comes from: one of the requests that may have been done has to have asked
 * for just this, and not after it was decided.
 */
export function originOf(slot: SlotAccount, event: LoggedEvent, requests: OpenRequests): Origin {
  const { type, data } = event;
  if (type === 'BookingRequested') {
    // Requests without a name of their own cannot be told apart.
    if (typeof data.reference !== 'string') return NO_REQUEST;
    return originAmong(event, requests.forBooking(data.reference), ({ body }) => isStretchAsked(slot, body, data));
  }
  const operators = OF_OPERATORS[type];
  if (operators !== undefined) return originAmong(event, requests.of(operators, slot.slotId), ({ body }) => isWorkAsked(slot, event, body));
  const deed = OF_CUSTOMERS[type];
  const booking = slot.booked.byId.get(String(data.bookingId));
  if (deed === undefined || booking === undefined) return NO_REQUEST;
  if (data.reason === 'slot-cancelled' && slot.head?.status === 'CANCELLED') return NO_REQUEST;
  const own = requests.of(deed, booking.bookingId);
  const withHold = type === 'BookingConfirmed' ? requests.forBooking(booking.reference).map(confirmation) : [];
  return originAmong(event, [...own, ...withHold.filter((one) => one !== null)], ({ body }) => isDeedAsked(booking, event, body));
}

function originAmong({ type, data, at }: LoggedEvent, requests: readonly OpenRequest[], fits: (request: OpenRequest) => boolean): Origin {
  const fitting = requests.filter(fits);
  const records = fitting.map(({ record }) => record);
  const what = `${type}${data.bookingId === undefined ? '' : ` of ${data.bookingId}`}`;
  if (fitting.length === 0) return { fitting: records, fault: `${what} is not what anybody asked for, or it was refused` };
  const inTime = fitting.some(({ earliest }) => earliest <= at);
  return { fitting: records, fault: inTime ? null : `${what} was decided before it was asked for` };
}

/** What a request for a booking asks for beyond the hold; null when it asks for nothing more. */
function confirmation({ record, body, earliest }: OpenRequest): OpenRequest | null {
  return body.confirm ? { record, body: body.confirm as Json, earliest } : null;
}

function isStretchAsked({ opened }: SlotAccount, body: Json, { from, to }: Json): boolean {
  const stretch = stretchAsked(opened, body.span);
  return typeof stretch !== 'string' && stretch.from === from && stretch.to === to;
}

function isDeedAsked(booking: BookingAccount, { type, data, at }: LoggedEvent, body: Json): boolean {
  const list = (field: string) => quantitiesOf((data[field] ?? []) as readonly ClaimData[]);
  const all = quantitiesOf(booking.claims);
  const partOf = (units: unknown) => quantitiesOf(partAsked(units, booking.claims));
  const part = body.units === undefined ? all : partOf(body.units);
  switch (type) {
    case 'HoldExtended':
      return data.expiresAt === Math.min(at + Number(body.seconds) * 1000, booking.maxExpiresAt);
    case 'BookingChanged':
      return areSame(list('added'), quantitiesAsked(body.add)) && areSame(list('dropped'), partOf(body.drop));
    case 'BookingConfirmed':
      return (
        body.paymentReference === data.paymentReference && areSame(list('claims'), part) && areSame(list('released'), without(all, part))
      );
    case 'BookingCancelled':
      return areSame(all, part) && areSame(list('claims'), part);
    default:
      return areSame(list('claims'), part) && !areSame(all, part);
  }
}

function isWorkAsked(slot: SlotAccount, event: LoggedEvent, body: Json): boolean {
  const { type, data } = event;
  switch (type) {
    case 'SlotChanged':
      return isPatchAsked(slot.opened, data.changes as Json, body);
    case 'UnitsAdded':
      return isPartOf(data.units as readonly Json[], body.units as readonly Json[], ['category', 'price', 'capacity']);
    case 'UnitsChanged':
      return isPartOf(data.changes as readonly Json[], body.units as readonly Json[], ['category', 'price', 'capacity']);
    case 'UnitsBlocked':
    case 'UnitsUnblocked':
      return areBlocksAsked(slot, event, body);
    case 'UnitsWithdrawn': {
      const asked = unitsAsked(body.units).map(({ unitId, quantity }) => [unitId, quantity ?? slot.unit(unitId)?.capacity ?? 0] as const);
      return areSame(quantitiesOf(data.units as readonly ClaimData[]), new Map(asked));
    }
    default:
      return true;
  }
}

/** Whether each unit was named in the request, and is as it was asked for in these fields. */
function isPartOf(units: readonly Json[], asked: readonly Json[], fields: readonly string[]): boolean {
  return units.every((unit) => {
    const wish = asked.find(({ unitId }) => unitId === unit.unitId);
    return wish !== undefined && fields.every((field) => wish[field] === undefined || wish[field] === unit[field]);
  });
}

type Quantities = ReadonlyMap<string, number>;

function quantitiesOf(claims: readonly { readonly unitId: string; readonly quantity: number }[]): Quantities {
  return new Map(claims.map(({ unitId, quantity }) => [unitId, quantity]));
}

function quantitiesAsked(units: unknown): Quantities {
  return new Map(unitsAsked(units).map(({ unitId, quantity = 1 }) => [unitId, quantity]));
}

function without(all: Quantities, part: Quantities): Quantities {
  const left = [...all].map(([unitId, quantity]) => [unitId, quantity - (part.get(unitId) ?? 0)] as const);
  return new Map(left.filter(([, quantity]) => quantity > 0));
}

function areSame(one: Quantities, other: Quantities): boolean {
  return one.size === other.size && [...one].every(([unitId, quantity]) => other.get(unitId) === quantity);
}
