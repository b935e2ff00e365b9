-- Up Migration

-- Auditors ask for events of a type. Of the types below there are so many that the log itself is the index;
-- the others are found by this one, which an ordinary booking does not touch.
CREATE INDEX events_of_seldom_type ON holdfast.events (type, position)
  WHERE type NOT IN ('BookingRequested', 'SeatsHeld', 'BookingConfirmed', 'BookingExpired', 'CommandAcknowledged');
