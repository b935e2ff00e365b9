import { z } from 'zod';

/** Shapes that several stored events share. Instants are epoch milliseconds, money is minor units. */

export const instant = z.number().int();
export const minorUnits = z.number().int();
export const coordinate = z.number();
export const reason = z.string().nullable();
export const texts = z.record(z.string(), z.string());

export const unit = z.strictObject({
  unitId: z.string(),
  category: z.string(),
  price: minorUnits.exactOptional(),
  priceBasis: z.enum(['claim', 'stop', 'hour', 'day']).exactOptional(),
  capacity: z.number().int().exactOptional(),
  section: z.string().exactOptional(),
  row: z.string().exactOptional(),
  number: z.string().exactOptional(),
  x: z.number().exactOptional(),
  y: z.number().exactOptional(),
  accessible: z.boolean().exactOptional(),
  gapAfter: z.boolean().exactOptional(),

  availableFrom: instant.exactOptional(),
  availableUntil: instant.exactOptional(),
  reference: z.string().exactOptional(),
  metadata: texts.exactOptional(),
});

export const unitQuantity = z.strictObject({ unitId: z.string(), quantity: z.number().int() });

export const block = z.strictObject({ unitId: z.string(), quantity: z.number().int(), from: coordinate, to: coordinate });

export const claim = z.strictObject({
  unitId: z.string(),
  quantity: z.number().int(),
  from: coordinate,
  to: coordinate,
  price: minorUnits,
  amount: minorUnits,
});

export const spanRequest = z.union([
  z.strictObject({ fromStop: z.string(), toStop: z.string() }),
  z.strictObject({ from: instant, to: instant }),
]);

const stop = z.strictObject({
  stopId: z.string(),
  name: z.string().exactOptional(),
  arrivesAt: instant.exactOptional(),
  departsAt: instant.exactOptional(),
});

const openingHours = z.strictObject({
  days: z.array(z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])),
  from: z.string(),
  to: z.string(),
});

export const axis = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('whole') }),
  z.strictObject({ type: z.literal('stops'), stops: z.array(stop) }),
  z.strictObject({ type: z.literal('time'), opening: z.array(openingHours).exactOptional(), bufferMinutes: z.number() }),
]);

const venue = z.strictObject({
  venueId: z.string().exactOptional(),
  name: z.string().exactOptional(),
  city: z.string().exactOptional(),
});

const policy = z.strictObject({
  holdSeconds: z.number(),
  maxHoldSeconds: z.number(),
  maxUnitsPerBooking: z.number().int(),
  orphanSeats: z.enum(['allow', 'avoid', 'forbid']),
  acceptPast: z.boolean(),
});

const description = {
  category: z.string(),
  title: z.string(),
  venue: venue.nullable(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  timeZone: z.string(),
  salesFrom: instant.nullable(),
  salesUntil: instant.nullable(),
  reference: z.string().nullable(),
  metadata: texts,
  policy,
};

export const slotDescription = z.strictObject(description);

export const slotDescriptionChanges = z.strictObject({
  category: description.category.exactOptional(),
  title: description.title.exactOptional(),
  venue: description.venue.exactOptional(),
  startsAt: description.startsAt.exactOptional(),
  endsAt: description.endsAt.exactOptional(),
  timeZone: description.timeZone.exactOptional(),
  salesFrom: description.salesFrom.exactOptional(),
  salesUntil: description.salesUntil.exactOptional(),
  reference: description.reference.exactOptional(),
  metadata: description.metadata.exactOptional(),
  policy: description.policy.exactOptional(),
});

export const selection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('units'), units: z.array(unitQuantity) }),
  z.strictObject({
    kind: z.literal('bestAvailable'),
    quantity: z.number().int(),
    category: z.string().nullable(),
    adjacent: z.boolean().nullable(),
    accessible: z.number().int(),
  }),
]);
