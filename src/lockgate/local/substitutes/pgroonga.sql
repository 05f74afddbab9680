-- Searches find words as they stand, in any case; the access method is BRIN under another name and speeds nothing up.
CREATE ACCESS METHOD pgroonga TYPE INDEX HANDLER pg_catalog.brinhandler;
DO $classes$
DECLARE
    class record;
BEGIN
    FOR class IN SELECT * FROM (VALUES
        ('pgroonga_text_full_text_search_ops_v2', 'text', 'text', 'DEFAULT'),
        ('pgroonga_text_full_text_search_ops', 'text', 'text', ''),
        ('pgroonga_text_term_search_ops_v2', 'text', 'text', ''),
        ('pgroonga_text_regexp_ops_v2', 'text', 'text', ''),
        ('pgroonga_varchar_full_text_search_ops_v2', 'varchar', 'text', 'DEFAULT'),
        ('pgroonga_varchar_term_search_ops_v2', 'varchar', 'text', ''),
        ('pgroonga_text_array_full_text_search_ops_v2', 'text[]', 'anyarray', 'DEFAULT'),
        ('pgroonga_text_array_term_search_ops_v2', 'text[]', 'anyarray', ''),
        ('pgroonga_jsonb_ops_v2', 'jsonb', 'jsonb', 'DEFAULT'),
        ('pgroonga_jsonb_full_text_search_ops_v2', 'jsonb', 'jsonb', ''),
        ('pgroonga_uuid_ops', 'uuid', 'uuid', 'DEFAULT'),
        ('pgroonga_int4_ops', 'integer', 'integer', 'DEFAULT'),
        ('pgroonga_int8_ops', 'bigint', 'bigint', 'DEFAULT'),
        ('pgroonga_timestamptz_ops_v2', 'timestamptz', 'timestamptz', 'DEFAULT')
    ) AS listed (name, type, compared, standard) LOOP
        EXECUTE format(
            'CREATE OPERATOR CLASS @extschema@.%1$I %4$s FOR TYPE %2$s USING pgroonga AS
                OPERATOR 1 pg_catalog.< (%3$s, %3$s), OPERATOR 2 pg_catalog.<= (%3$s, %3$s),
                OPERATOR 3 pg_catalog.= (%3$s, %3$s), OPERATOR 4 pg_catalog.>= (%3$s, %3$s),
                OPERATOR 5 pg_catalog.> (%3$s, %3$s),
                FUNCTION 1 brin_minmax_opcinfo(internal),
                FUNCTION 2 brin_minmax_add_value(internal, internal, internal, internal),
                FUNCTION 3 brin_minmax_consistent(internal, internal, internal),
                FUNCTION 4 brin_minmax_union(internal, internal, internal)',
            class.name, class.type, class.compared, class.standard);
    END LOOP;
END
$classes$;

CREATE FUNCTION @extschema@.pgroonga_match(target text, word text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN strpos(lower(target), lower(word)) > 0;
CREATE FUNCTION @extschema@.pgroonga_match(targets text[], word text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.pgroonga_match(array_to_string(targets, E'\n'), word);
CREATE FUNCTION @extschema@.pgroonga_match(target jsonb, word text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgroonga_match(target::text, word);

-- Words that stand side by side must all be there, those on either side of OR need not.
CREATE FUNCTION @extschema@.pgroonga_query(target text, query text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT coalesce(bool_or(every), false) FROM (
        SELECT bool_and(@extschema@.pgroonga_match(target, word)) AS every
        FROM regexp_split_to_table(query, '\s+OR\s+') WITH ORDINALITY AS parts (part, n),
             regexp_split_to_table(trim(part), '\s+') AS word
        GROUP BY n) AS alternatives
$body$;
CREATE FUNCTION @extschema@.pgroonga_query(targets text[], query text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.pgroonga_query(array_to_string(targets, E'\n'), query);
CREATE FUNCTION @extschema@.pgroonga_query(target jsonb, query text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgroonga_query(target::text, query);
DO $operators$
DECLARE
    type text;
BEGIN
    FOREACH type IN ARRAY ARRAY['text', 'text[]', 'jsonb'] LOOP
        EXECUTE format('CREATE OPERATOR @extschema@.&@ (LEFTARG = %1$s, RIGHTARG = text, FUNCTION = @extschema@.pgroonga_match);
                        CREATE OPERATOR @extschema@.&@~ (LEFTARG = %1$s, RIGHTARG = text, FUNCTION = @extschema@.pgroonga_query)', type);
    END LOOP;
END
$operators$;

CREATE FUNCTION @extschema@.pgroonga_score(tableoid oid, ctid tid) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE RETURN 1;
CREATE FUNCTION @extschema@.pgroonga_score(item record) RETURNS double precision
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION @extschema@.pgroonga_query_escape(query text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN regexp_replace(query, '([() *<>~:\\"+-])', '\\\1', 'g');
CREATE FUNCTION @extschema@.pgroonga_escape(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN '"' || regexp_replace(value, '(["\\])', '\\\1', 'g') || '"';
CREATE FUNCTION @extschema@.pgroonga_normalize(target text, normalizer text DEFAULT 'NormalizerAuto') RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(normalize(target, NFKC));
