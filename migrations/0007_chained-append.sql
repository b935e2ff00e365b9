-- Up Migration

-- The same as append_batch for writers who know how the chains of their streams end: hashes come with the
-- events, so that all are written in one statement instead of one by one. Part p is as in append_batch;
-- part_previous[p] is the hash that its stream must end with now. The event arrays hold, for each event,
-- its stream and version too.
--
-- When every part fits, answers one row: append_number 0, last_position that of the last event of all, and
-- recorded_at. When any does not, nothing was written yet and append_batch takes over, which tells conflicts
-- and resends apart, and makes the hashes itself; its rows come with recorded_at null.
CREATE FUNCTION holdfast.append_chained(
  part_append integer[], part_stream text[], part_expected integer[], part_count integer[], part_previous bytea[], part_hash bytea[],
  event_streams text[], event_versions integer[], event_ids uuid[], event_types text[], event_schema_versions integer[],
  event_data text[], event_metadata text[], event_previous_hashes bytea[], event_hashes bytea[]
) RETURNS TABLE (append_number integer, last_position bigint, conflict_stream text, actual_version integer, recorded_at bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  head bigint;
  instant bigint;
  misfits bigint;
BEGIN
  -- The lock comes before any look at a stream, as in every other way of appending.
  SELECT log.position, greatest(log.recorded_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    INTO head, instant FROM holdfast.log_head log FOR UPDATE;

  SELECT count(*) INTO misfits
    FROM unnest(part_stream, part_expected, part_previous) AS given (stream_id, expected, previous)
    LEFT JOIN holdfast.streams stream ON stream.stream_id = given.stream_id
   WHERE coalesce(stream.version, 0) <> given.expected
      OR coalesce(stream.head_hash, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea) <> given.previous;

  IF misfits > 0 THEN
    RETURN QUERY
    SELECT slow.append_number, slow.last_position, slow.conflict_stream, slow.actual_version, NULL::bigint
      FROM holdfast.append_batch(part_append, part_stream, part_expected, part_count,
                                 event_ids, event_types, event_schema_versions, event_data, event_metadata) AS slow;
    RETURN;
  END IF;

  INSERT INTO holdfast.events
    (position, stream_id, version, schema_version, recorded_at, event_id, type, data, metadata, previous_hash, hash)
  SELECT head + new.place, new.stream_id, new.version, new.schema_version, instant,
         new.event_id, new.type, new.data, new.metadata, new.previous_hash, new.hash
    FROM unnest(event_streams, event_versions, event_schema_versions, event_ids, event_types, event_data, event_metadata,
                event_previous_hashes, event_hashes)
         WITH ORDINALITY AS new (stream_id, version, schema_version, event_id, type, data, metadata, previous_hash, hash, place);
  INSERT INTO holdfast.streams AS stream (stream_id, version, head_hash)
  SELECT given.stream_id, given.expected + given.events, given.hash
    FROM unnest(part_stream, part_expected, part_count, part_hash) AS given (stream_id, expected, events, hash)
  ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head_hash = excluded.head_hash;
  last_position := head + cardinality(event_ids);
  UPDATE holdfast.log_head SET position = last_position, recorded_at = instant;

  append_number := 0;
  recorded_at := instant;
  RETURN NEXT;
END $$;
