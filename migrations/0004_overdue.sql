-- Up Migration

-- The release process asks several times a second for holds that ran out and for cancelled slots.
CREATE INDEX bookings_by_expiry ON holdfast_views.bookings (expires_at) WHERE status = 'HELD';
CREATE INDEX booked_slots_cancelled ON holdfast_views.booked_slots (slot_id) WHERE cancelled;
