-- Up Migration

-- The read models. Each table is made from events by a projection of src/projections, which also says
-- what its columns mean; all of it can be thrown away and made again.
CREATE SCHEMA holdfast_views;

-- How far each version of a projection has folded the log. Rows and position change in one transaction.
CREATE TABLE holdfast_views.projection_checkpoints (
  name text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  position bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (name, version)
);
COMMENT ON TABLE holdfast_views.projection_checkpoints IS 'How far each version of a projection has folded the log.';
COMMENT ON COLUMN holdfast_views.projection_checkpoints.name IS 'Projection; all of its tables are as of the same position';
COMMENT ON COLUMN holdfast_views.projection_checkpoints.version IS 'Version of the projection that made the rows';
COMMENT ON COLUMN holdfast_views.projection_checkpoints.position IS 'Log position up to which everything is in its tables';
COMMENT ON COLUMN holdfast_views.projection_checkpoints.updated_at IS 'When the checkpoint last moved';

CREATE TABLE holdfast_views.slots (
  slot_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  category text NOT NULL,
  title text NOT NULL,
  venue_id text COLLATE "C",
  venue_name text,
  venue_city text,
  has_venue boolean NOT NULL,
  starts_at timestamptz,
  ends_at timestamptz,
  time_zone text NOT NULL,
  sales_from timestamptz,
  sales_until timestamptz,
  currency text COLLATE "C" NOT NULL,
  reference text COLLATE "C",
  metadata jsonb NOT NULL,
  policy jsonb NOT NULL,
  axis_type text COLLATE "C" NOT NULL,
  axis jsonb NOT NULL,
  layout_id text COLLATE "C",
  prices jsonb,
  capacity bigint NOT NULL,
  free bigint NOT NULL,
  held bigint NOT NULL,
  sold bigint NOT NULL,
  blocked bigint NOT NULL,
  usage jsonb NOT NULL,
  usage_from timestamptz,
  price_counts jsonb NOT NULL,
  price_from bigint,
  price_to bigint,
  PRIMARY KEY (slot_id)
);
COMMENT ON TABLE holdfast_views.slots IS 'One row per slot: what it is and how much of it is free.';
COMMENT ON COLUMN holdfast_views.slots.slot_id IS 'Identifier of the slot: one show, one trip on one day, or one fleet';
COMMENT ON COLUMN holdfast_views.slots.version IS 'Number of the events in the stream of the slot that this row reflects';
COMMENT ON COLUMN holdfast_views.slots.status IS 'OPEN, CLOSED or CANCELLED';
COMMENT ON COLUMN holdfast_views.slots.category IS 'Line of business, such as theatre or bus';
COMMENT ON COLUMN holdfast_views.slots.title IS 'Name of the slot as customers see it';
COMMENT ON COLUMN holdfast_views.slots.venue_id IS 'Identifier of the place';
COMMENT ON COLUMN holdfast_views.slots.venue_name IS 'Name of the place';
COMMENT ON COLUMN holdfast_views.slots.venue_city IS 'City of the place';
COMMENT ON COLUMN holdfast_views.slots.has_venue IS 'Whether the slot names a place at all, be it an empty one';
COMMENT ON COLUMN holdfast_views.slots.starts_at IS 'Start of the occasion; null where it has none, as a fleet';
COMMENT ON COLUMN holdfast_views.slots.ends_at IS 'End of the occasion';
COMMENT ON COLUMN holdfast_views.slots.time_zone IS 'IANA zone that local times are computed in';
COMMENT ON COLUMN holdfast_views.slots.sales_from IS 'Nothing is sold before';
COMMENT ON COLUMN holdfast_views.slots.sales_until IS 'Nothing is sold from then on';
COMMENT ON COLUMN holdfast_views.slots.currency IS 'ISO 4217 code of all amounts of the slot';
COMMENT ON COLUMN holdfast_views.slots.reference IS 'Reference of the operator';
COMMENT ON COLUMN holdfast_views.slots.metadata IS 'Names and values of the operator';
COMMENT ON COLUMN holdfast_views.slots.policy IS 'Rules of holding: seconds, limits, orphan seats';
COMMENT ON COLUMN holdfast_views.slots.axis_type IS 'What spans run over: whole, stops or time';
COMMENT ON COLUMN holdfast_views.slots.axis IS 'The axis with its stops, or its opening hours and buffer';
COMMENT ON COLUMN holdfast_views.slots.layout_id IS 'Layout that the slot shares with others';
COMMENT ON COLUMN holdfast_views.slots.prices IS 'Price in minor units by category, for the units of the layout';
COMMENT ON COLUMN holdfast_views.slots.capacity IS 'Sum of the capacities of all units';
COMMENT ON COLUMN holdfast_views.slots.free IS 'Capacity that nothing takes; on stops at the tightest segment, on time as of the last event';
COMMENT ON COLUMN holdfast_views.slots.held IS 'Capacity taken by holds at that point';
COMMENT ON COLUMN holdfast_views.slots.sold IS 'Capacity taken by confirmed bookings at that point';
COMMENT ON COLUMN holdfast_views.slots.blocked IS 'Capacity off sale at that point';
COMMENT ON COLUMN holdfast_views.slots.usage IS 'What is taken over the axis: steps of at, held, sold and blocked, each in force until the next';
COMMENT ON COLUMN holdfast_views.slots.usage_from IS 'On time: what lies before is no longer kept in usage';
COMMENT ON COLUMN holdfast_views.slots.price_counts IS 'Number of units by price in minor units';
COMMENT ON COLUMN holdfast_views.slots.price_from IS 'Lowest price of a unit in minor units';
COMMENT ON COLUMN holdfast_views.slots.price_to IS 'Highest price of a unit in minor units';

CREATE TABLE holdfast_views.slot_units (
  slot_id text COLLATE "C" NOT NULL,
  chunk bigint,
  place bigint,
  inherited boolean NOT NULL,
  withdrawn boolean NOT NULL,
  blocks jsonb NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  category text,
  price bigint,
  price_basis text,
  capacity bigint,
  section text,
  seat_row text,
  seat_number text,
  x double precision,
  y double precision,
  accessible boolean,
  gap_after boolean,
  available_from timestamptz,
  available_until timestamptz,
  reference text COLLATE "C",
  metadata jsonb,
  PRIMARY KEY (slot_id, unit_id)
);
COMMENT ON TABLE holdfast_views.slot_units IS 'Units that a slot has beyond its layout, and units of the layout that differ in this slot. A unit of the layout without a row is as the layout says.';
COMMENT ON COLUMN holdfast_views.slot_units.slot_id IS 'Slot that the unit belongs to';
COMMENT ON COLUMN holdfast_views.slot_units.chunk IS 'Version of the event that added the unit; null for a unit of the layout';
COMMENT ON COLUMN holdfast_views.slot_units.place IS 'Place of the unit among those added together';
COMMENT ON COLUMN holdfast_views.slot_units.inherited IS 'Whether the unit is as the layout says; its own columns are empty then';
COMMENT ON COLUMN holdfast_views.slot_units.withdrawn IS 'Whether the unit was taken out of the slot for good';
COMMENT ON COLUMN holdfast_views.slot_units.blocks IS 'What is off sale over the axis: steps of at and blocked, each in force until the next';
COMMENT ON COLUMN holdfast_views.slot_units.unit_id IS 'Identifier of the unit within its slot or layout';
COMMENT ON COLUMN holdfast_views.slot_units.category IS 'Price category';
COMMENT ON COLUMN holdfast_views.slot_units.price IS 'Price of the unit itself in minor units';
COMMENT ON COLUMN holdfast_views.slot_units.price_basis IS 'What the price buys: claim (null), stop, hour or day';
COMMENT ON COLUMN holdfast_views.slot_units.capacity IS 'Capacity of a quantity unit; null for a numbered unit';
COMMENT ON COLUMN holdfast_views.slot_units.section IS 'Section of the house';
COMMENT ON COLUMN holdfast_views.slot_units.seat_row IS 'Row within the section';
COMMENT ON COLUMN holdfast_views.slot_units.seat_number IS 'Number on the seat';
COMMENT ON COLUMN holdfast_views.slot_units.x IS 'Coordinate for drawing';
COMMENT ON COLUMN holdfast_views.slot_units.y IS 'Coordinate for drawing';
COMMENT ON COLUMN holdfast_views.slot_units.accessible IS 'Whether the seat is meant for people with reduced mobility';
COMMENT ON COLUMN holdfast_views.slot_units.gap_after IS 'Whether an aisle follows';
COMMENT ON COLUMN holdfast_views.slot_units.available_from IS 'Not on offer before';
COMMENT ON COLUMN holdfast_views.slot_units.available_until IS 'Not on offer from then on';
COMMENT ON COLUMN holdfast_views.slot_units.reference IS 'Reference of the operator';
COMMENT ON COLUMN holdfast_views.slot_units.metadata IS 'Names and values of the operator';

CREATE TABLE holdfast_views.slot_claims (
  slot_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  booking_id text COLLATE "C" NOT NULL,
  span_from bigint NOT NULL,
  span_to bigint NOT NULL,
  quantity bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  held_until timestamptz,
  PRIMARY KEY (slot_id, unit_id, booking_id, span_from)
);
COMMENT ON TABLE holdfast_views.slot_claims IS 'What bookings take of units, as long as they do.';
COMMENT ON COLUMN holdfast_views.slot_claims.slot_id IS 'Slot of the claim';
COMMENT ON COLUMN holdfast_views.slot_claims.unit_id IS 'Unit that is claimed';
COMMENT ON COLUMN holdfast_views.slot_claims.booking_id IS 'Booking that claims it';
COMMENT ON COLUMN holdfast_views.slot_claims.span_from IS 'Start on the axis: stop index, or milliseconds since 1970 UTC';
COMMENT ON COLUMN holdfast_views.slot_claims.span_to IS 'End on the axis, exclusive; without the buffer';
COMMENT ON COLUMN holdfast_views.slot_claims.quantity IS 'How many of the unit';
COMMENT ON COLUMN holdfast_views.slot_claims.status IS 'held or sold';
COMMENT ON COLUMN holdfast_views.slot_claims.held_until IS 'When the hold lapses; null once sold';

CREATE TABLE holdfast_views.layouts (
  layout_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  focus_x double precision,
  focus_y double precision,
  unit_count bigint NOT NULL,
  capacity bigint NOT NULL,
  categories jsonb NOT NULL,
  complete boolean NOT NULL,
  PRIMARY KEY (layout_id)
);
COMMENT ON TABLE holdfast_views.layouts IS 'Units and geometry that many slots share.';
COMMENT ON COLUMN holdfast_views.layouts.layout_id IS 'Hash of the content of the layout';
COMMENT ON COLUMN holdfast_views.layouts.name IS 'Name of the layout';
COMMENT ON COLUMN holdfast_views.layouts.focus_x IS 'Point that the best seats are near to';
COMMENT ON COLUMN holdfast_views.layouts.focus_y IS 'Point that the best seats are near to';
COMMENT ON COLUMN holdfast_views.layouts.unit_count IS 'Number of its units';
COMMENT ON COLUMN holdfast_views.layouts.capacity IS 'Sum of the capacities of its units';
COMMENT ON COLUMN holdfast_views.layouts.categories IS 'Number of units by category and own price; none stands for units without one';
COMMENT ON COLUMN holdfast_views.layouts.complete IS 'Whether all of its units are there';

CREATE TABLE holdfast_views.layout_units (
  layout_id text COLLATE "C" NOT NULL,
  chunk bigint NOT NULL,
  place bigint NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  category text,
  price bigint,
  price_basis text,
  capacity bigint,
  section text,
  seat_row text,
  seat_number text,
  x double precision,
  y double precision,
  accessible boolean,
  gap_after boolean,
  available_from timestamptz,
  available_until timestamptz,
  reference text COLLATE "C",
  metadata jsonb,
  PRIMARY KEY (layout_id, unit_id)
);
COMMENT ON TABLE holdfast_views.layout_units IS 'The units of layouts, in order of chunk and place.';
COMMENT ON COLUMN holdfast_views.layout_units.layout_id IS 'Layout that the unit belongs to';
COMMENT ON COLUMN holdfast_views.layout_units.chunk IS 'Version of the event that brought the unit';
COMMENT ON COLUMN holdfast_views.layout_units.place IS 'Place of the unit within that event';
COMMENT ON COLUMN holdfast_views.layout_units.unit_id IS 'Identifier of the unit within its slot or layout';
COMMENT ON COLUMN holdfast_views.layout_units.category IS 'Price category';
COMMENT ON COLUMN holdfast_views.layout_units.price IS 'Price of the unit itself in minor units';
COMMENT ON COLUMN holdfast_views.layout_units.price_basis IS 'What the price buys: claim (null), stop, hour or day';
COMMENT ON COLUMN holdfast_views.layout_units.capacity IS 'Capacity of a quantity unit; null for a numbered unit';
COMMENT ON COLUMN holdfast_views.layout_units.section IS 'Section of the house';
COMMENT ON COLUMN holdfast_views.layout_units.seat_row IS 'Row within the section';
COMMENT ON COLUMN holdfast_views.layout_units.seat_number IS 'Number on the seat';
COMMENT ON COLUMN holdfast_views.layout_units.x IS 'Coordinate for drawing';
COMMENT ON COLUMN holdfast_views.layout_units.y IS 'Coordinate for drawing';
COMMENT ON COLUMN holdfast_views.layout_units.accessible IS 'Whether the seat is meant for people with reduced mobility';
COMMENT ON COLUMN holdfast_views.layout_units.gap_after IS 'Whether an aisle follows';
COMMENT ON COLUMN holdfast_views.layout_units.available_from IS 'Not on offer before';
COMMENT ON COLUMN holdfast_views.layout_units.available_until IS 'Not on offer from then on';
COMMENT ON COLUMN holdfast_views.layout_units.reference IS 'Reference of the operator';
COMMENT ON COLUMN holdfast_views.layout_units.metadata IS 'Names and values of the operator';

CREATE TABLE holdfast_views.bookings (
  booking_id text COLLATE "C" NOT NULL,
  slot_id text COLLATE "C" NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  adjacent boolean NOT NULL,
  claims jsonb NOT NULL,
  released jsonb NOT NULL,
  unit_ids text[] COLLATE "C" NOT NULL,
  total bigint NOT NULL,
  span jsonb,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz,
  max_expires_at timestamptz,
  confirmed_at timestamptz,
  payment_reference text COLLATE "C",
  reference text COLLATE "C",
  metadata jsonb NOT NULL,
  PRIMARY KEY (booking_id)
);
COMMENT ON TABLE holdfast_views.bookings IS 'One row per booking, finished ones included.';
COMMENT ON COLUMN holdfast_views.bookings.booking_id IS 'Identifier of the booking; begins with that of its slot';
COMMENT ON COLUMN holdfast_views.bookings.slot_id IS 'Slot that is booked';
COMMENT ON COLUMN holdfast_views.bookings.customer_id IS 'Pseudonym of the customer';
COMMENT ON COLUMN holdfast_views.bookings.status IS 'REQUESTED, HELD, CONFIRMED, EXPIRED or CANCELLED';
COMMENT ON COLUMN holdfast_views.bookings.version IS 'Version of the slot at the last event of the booking';
COMMENT ON COLUMN holdfast_views.bookings.adjacent IS 'Whether all numbered units are neighbours';
COMMENT ON COLUMN holdfast_views.bookings.claims IS 'What the booking has now: unit, quantity, span, price and amount';
COMMENT ON COLUMN holdfast_views.bookings.released IS 'What left the booking: unit, quantity, reason and instant in milliseconds since 1970 UTC';
COMMENT ON COLUMN holdfast_views.bookings.unit_ids IS 'All units that the booking has or had';
COMMENT ON COLUMN holdfast_views.bookings.total IS 'Sum of the amounts of its claims in minor units';
COMMENT ON COLUMN holdfast_views.bookings.span IS 'The span in the words of the customer; null for the whole slot';
COMMENT ON COLUMN holdfast_views.bookings.requested_at IS 'When the booking was asked for';
COMMENT ON COLUMN holdfast_views.bookings.expires_at IS 'When the hold lapses or lapsed';
COMMENT ON COLUMN holdfast_views.bookings.max_expires_at IS 'No extension of the hold goes beyond';
COMMENT ON COLUMN holdfast_views.bookings.confirmed_at IS 'When the booking was confirmed';
COMMENT ON COLUMN holdfast_views.bookings.payment_reference IS 'Payment that the booking was confirmed with';
COMMENT ON COLUMN holdfast_views.bookings.reference IS 'Reference of the customer';
COMMENT ON COLUMN holdfast_views.bookings.metadata IS 'Names and values of the customer';

CREATE TABLE holdfast_views.booked_slots (
  slot_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  category text NOT NULL,
  title text NOT NULL,
  cancelled boolean NOT NULL,
  PRIMARY KEY (slot_id)
);
COMMENT ON TABLE holdfast_views.booked_slots IS 'What the answers about bookings need of their slots.';
COMMENT ON COLUMN holdfast_views.booked_slots.slot_id IS 'Identifier of the slot';
COMMENT ON COLUMN holdfast_views.booked_slots.currency IS 'ISO 4217 code of the amounts of its bookings';
COMMENT ON COLUMN holdfast_views.booked_slots.category IS 'Line of business';
COMMENT ON COLUMN holdfast_views.booked_slots.title IS 'Name of the slot';
COMMENT ON COLUMN holdfast_views.booked_slots.cancelled IS 'Whether the slot was cancelled with all of its bookings';

CREATE INDEX slots_by_start ON holdfast_views.slots (status, coalesce(starts_at, 'infinity'), slot_id);
CREATE INDEX slots_by_reference ON holdfast_views.slots (reference) WHERE reference IS NOT NULL;
CREATE INDEX slots_by_venue ON holdfast_views.slots (venue_id) WHERE venue_id IS NOT NULL;

-- On time slots what is over is passed by.
CREATE INDEX slot_claims_by_end ON holdfast_views.slot_claims (slot_id, span_to);

CREATE INDEX bookings_of_customer ON holdfast_views.bookings (customer_id, requested_at DESC, booking_id DESC);
CREATE INDEX bookings_of_slot ON holdfast_views.bookings (slot_id, requested_at DESC, booking_id DESC);
CREATE INDEX bookings_by_time ON holdfast_views.bookings (requested_at DESC, booking_id DESC);
CREATE INDEX bookings_by_reference ON holdfast_views.bookings (reference) WHERE reference IS NOT NULL;
CREATE INDEX bookings_of_units ON holdfast_views.bookings USING gin (unit_ids);

-- What of a slot is free at the instant (epoch milliseconds). Only on the time axis does it depend on it.
CREATE FUNCTION holdfast_views.free_at(slot holdfast_views.slots, instant bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN slot.axis_type <> 'time' THEN slot.free ELSE slot.capacity - coalesce((
    SELECT (step ->> 'held')::bigint + (step ->> 'sold')::bigint + (step ->> 'blocked')::bigint
      FROM jsonb_array_elements(slot.usage) AS step
     WHERE (step ->> 'at')::bigint <= instant
     ORDER BY (step ->> 'at')::bigint DESC
     LIMIT 1), 0) END
$$;
