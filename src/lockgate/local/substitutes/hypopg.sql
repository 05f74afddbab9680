-- Hypothetical indexes cannot be tried here: the functions are there and say so.

CREATE FUNCTION @extschema@.hypopg_create_index(sql_order text, OUT indexrelid oid, OUT indexname text)
RETURNS SETOF record LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'hypopg is not part of the local database' USING ERRCODE = 'feature_not_supported';
END
$body$;
CREATE FUNCTION @extschema@.hypopg_reset() RETURNS void LANGUAGE sql AS $body$ $body$;
