-- Up Migration

-- How slots are searched by text: words in small letters without accents and signs, found in any order,
-- the last one from its beginning on. All of it is built in, so that no extension has to be allowed.
-- Small letters and what a letter is must not depend on the database's own locale, which may be "C".
DO $$
DECLARE
  letters text := coalesce((
    SELECT collname FROM pg_collation
     WHERE collname IN ('pg_c_utf8', 'und-x-icu')
       AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
     ORDER BY collname LIMIT 1), 'default');
BEGIN
  EXECUTE format($function$
    CREATE FUNCTION holdfast_views.plain_words(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
      SELECT regexp_replace(
        replace(replace(replace(translate(
          lower(regexp_replace(normalize(coalesce(words, ''), NFKD), '[\u0300-\u036f''’]', '', 'g') COLLATE pg_catalog.%1$I),
          'øłđıðŧħ', 'oldidth'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe') COLLATE pg_catalog.%1$I,
        '[^[:alnum:]]+', ' ', 'g')
    $body$
  $function$, letters);
END $$;

CREATE FUNCTION holdfast_views.search_words(title text, venue_name text, venue_city text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('simple', holdfast_views.plain_words(title)), 'A')
      || setweight(to_tsvector('simple', holdfast_views.plain_words(venue_name)), 'B')
      || setweight(to_tsvector('simple', holdfast_views.plain_words(venue_city)), 'C')
$$;

-- All of the words, in what has one of the weights (A the title, B the place, C the city; '' anywhere).
-- Null, which finds nothing, when there is no word in the text.
CREATE FUNCTION holdfast_views.search_query(words text, weights text, last_is_whole boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsquery('simple', string_agg(
           format('''%s'':%s%s', word, weights, CASE WHEN place < count OR last_is_whole THEN '' ELSE '*' END), ' & '))
    FROM (SELECT word, place, count(*) OVER () AS count
            FROM unnest(string_to_array(trim(holdfast_views.plain_words(words)), ' ')) WITH ORDINALITY AS split (word, place)) AS each
$$;

-- Builds that are there already. One that is still being filled gets its indexes when it is full.
DO $$
DECLARE
  target record;
BEGIN
  FOR target IN SELECT format('holdfast_%s_b%s', name, build) AS schema, state FROM holdfast.projection_builds WHERE name = 'inventory' LOOP
    EXECUTE format('ALTER TABLE %I.slots ADD COLUMN words tsvector NOT NULL
                    GENERATED ALWAYS AS (holdfast_views.search_words(title, venue_name, venue_city)) STORED', target.schema);
    EXECUTE format('COMMENT ON COLUMN %I.slots.words IS %L', target.schema,
                   'What a search by text goes through: words of the title (weight A), the place (B) and the city (C)');
    CONTINUE WHEN target.state = 'building';
    EXECUTE format('DROP INDEX IF EXISTS %I.slots_by_venue', target.schema);
    EXECUTE format($index$CREATE INDEX slots_by_category ON %I.slots (status, category, coalesce(starts_at, 'infinity'), slot_id)$index$, target.schema);
    EXECUTE format($index$CREATE INDEX slots_by_venue ON %I.slots (status, venue_id, coalesce(starts_at, 'infinity'), slot_id) WHERE venue_id IS NOT NULL$index$, target.schema);
    EXECUTE format($index$CREATE INDEX slots_by_city ON %I.slots (status, venue_city, coalesce(starts_at, 'infinity'), slot_id) WHERE venue_city IS NOT NULL$index$, target.schema);
    EXECUTE format($index$CREATE INDEX slots_by_price ON %I.slots (status, coalesce(price_from, 9007199254740991), slot_id)$index$, target.schema);
    EXECUTE format($index$CREATE INDEX slots_by_words ON %I.slots USING gin (words)$index$, target.schema);
  END LOOP;
END $$;

SELECT holdfast.publish_views(NULL, format('holdfast_inventory_b%s', build)) FROM holdfast.live_projections WHERE name = 'inventory';
