import { z } from 'zod';
import type { DomainEvent } from './codec.ts';
import * as shape from './shapes.ts';

const claims = z.array(shape.claim);
const booking = { bookingId: z.string(), customerId: z.string() };
const formerStatus = z.enum(['HELD', 'CONFIRMED']);
const focus = z.strictObject({ x: z.number(), y: z.number() });

/**
 * The stored contract: the newest form of every event's data, by type. It is apart from the domain's
 * types so that a change of those cannot silently change what the log means. A new form gets a step in
 * codec.ts, and the old one's golden file stays in the tests for ever.
 */
export const STORED_EVENTS = {
  SlotOpened: shape.slotDescription.extend({
    slotId: z.string(),
    currency: z.string(),
    status: z.enum(['OPEN', 'CLOSED']),
    axis: shape.axis,
    layoutId: z.string().nullable(),
    prices: z.record(z.string(), shape.minorUnits).nullable(),
    units: z.array(shape.unit),
  }),
  UnitsAdded: z.strictObject({ units: z.array(shape.unit) }),
  UnitsChanged: z.strictObject({
    changes: z.array(
      z.strictObject({
        unitId: z.string(),
        price: shape.minorUnits.exactOptional(),
        category: z.string().exactOptional(),
        capacity: z.number().int().exactOptional(),
      }),
    ),
  }),
  UnitsBlocked: z.strictObject({ blocks: z.array(shape.block), reason: shape.reason }),
  UnitsUnblocked: z.strictObject({ blocks: z.array(shape.block), reason: shape.reason }),
  UnitsWithdrawn: z.strictObject({ units: z.array(shape.unitQuantity), reason: shape.reason }),
  SlotChanged: z.strictObject({ changes: shape.slotDescriptionChanges }),
  SlotClosed: z.strictObject({ reason: shape.reason }),
  SlotReopened: z.strictObject({ reason: shape.reason }),
  SlotCancelled: z.strictObject({ reason: shape.reason }),
  CommandAcknowledged: z.strictObject({ onBooking: z.string().nullable() }),
  BookingRequested: z.strictObject({
    ...booking,
    asked: shape.selection,
    span: shape.spanRequest.nullable(),
    from: shape.coordinate,
    to: shape.coordinate,
    expectedTotal: shape.minorUnits.nullable(),
    reference: z.string().nullable(),
    personal: z.strictObject({ metadata: shape.texts }),
  }),
  SeatsHeld: z.strictObject({
    ...booking,
    claims,
    adjacent: z.boolean(),
    requestedAt: shape.instant,
    expiresAt: shape.instant,
    maxExpiresAt: shape.instant,
  }),
  HoldExtended: z.strictObject({ ...booking, claims, expiresAt: shape.instant }),
  BookingChanged: z.strictObject({ ...booking, added: claims, dropped: claims, adjacent: z.boolean(), expiresAt: shape.instant }),
  BookingConfirmed: z.strictObject({ ...booking, paymentReference: z.string(), claims, released: claims }),
  SeatsReleased: z.strictObject({ ...booking, claims, previousStatus: formerStatus, reason: shape.reason }),
  BookingCancelled: z.strictObject({ ...booking, claims, previousStatus: formerStatus, reason: shape.reason }),
  BookingExpired: z.strictObject({ ...booking, claims, expiresAt: shape.instant }),
  LayoutDefined: z.strictObject({ layoutId: z.string(), name: z.string(), focus: focus.exactOptional(), unitCount: z.number().int() }),
  LayoutUnitsAdded: z.strictObject({ layoutId: z.string(), units: z.array(shape.unit) }),
  LayoutCompleted: z.strictObject({ layoutId: z.string() }),
} as const satisfies Record<DomainEvent['type'], z.ZodType>;

/** Strips `readonly` and the difference between interfaces and type literals, so that only the shape is compared. */
type Plain<T> = T extends readonly (infer Item)[] ? Plain<Item>[] : T extends object ? { -readonly [Key in keyof T]: Plain<T[Key]> } : T;

type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type InDomain<Type> = Plain<Omit<Extract<DomainEvent, { readonly type: Type }>, 'type'>>;
type InStore<Type extends DomainEvent['type']> = Plain<z.infer<(typeof STORED_EVENTS)[Type]>>;

/** The types whose newest stored form is not what the domain reads and writes. */
type Disagreeing = {
  [Type in DomainEvent['type']]: Identical<InDomain<Type>, InStore<Type>> extends true ? never : Type;
}[DomainEvent['type']];

/** Compiles only while every stored form agrees with the domain; the compiler's message names the ones that do not. */
type NoneOf<Types extends never> = Types;
export type StoredFormsAgree = NoneOf<Disagreeing>;
