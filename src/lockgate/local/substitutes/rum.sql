-- The access method is GIN under another name: searches are answered from the index, an order by distance is not.
CREATE ACCESS METHOD rum TYPE INDEX HANDLER pg_catalog.ginhandler;
CREATE FUNCTION @extschema@.rum_distance(document tsvector, query tsquery) RETURNS real
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN ts_rank(document, query) = 0 THEN 'Infinity'::real ELSE 1 / ts_rank(document, query) END;
CREATE OPERATOR @extschema@.<=> (LEFTARG = tsvector, RIGHTARG = tsquery, FUNCTION = @extschema@.rum_distance);
DO $classes$
DECLARE
    class text;
BEGIN
    FOREACH class IN ARRAY ARRAY['rum_tsvector_ops', 'rum_tsvector_hash_ops'] LOOP
        EXECUTE format(
            'CREATE OPERATOR CLASS @extschema@.%I %s FOR TYPE tsvector USING rum AS
                OPERATOR 1 pg_catalog.@@ (tsvector, tsquery),
                FUNCTION 1 gin_cmp_tslexeme(text, text),
                FUNCTION 2 gin_extract_tsvector(tsvector, internal, internal),
                FUNCTION 3 gin_extract_tsquery(tsvector, internal, smallint, internal, internal, internal, internal),
                FUNCTION 4 gin_tsquery_consistent(internal, smallint, tsvector, integer, internal, internal, internal, internal),
                FUNCTION 5 gin_cmp_prefix(text, text, smallint, internal),
                FUNCTION 6 gin_tsquery_triconsistent(internal, smallint, tsvector, integer, internal, internal, internal),
                STORAGE text', class, CASE class WHEN 'rum_tsvector_ops' THEN 'DEFAULT' ELSE '' END);
    END LOOP;
END
$classes$;
