-- Up Migration

-- Every booking changes the row of its slot. With room on its page the row changes there, and no index has to
-- hear of it. What is there already moves when it is next changed.
DO $$
DECLARE
  target record;
BEGIN
  FOR target IN SELECT format('holdfast_%s_b%s', name, build) AS schema FROM holdfast.projection_builds WHERE name = 'inventory' LOOP
    EXECUTE format('ALTER TABLE %I.slots SET (fillfactor = 70)', target.schema);
  END LOOP;
END $$;
