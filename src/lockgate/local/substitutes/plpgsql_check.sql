-- The checker needs a library that this server lacks: the functions are there and say so.

CREATE FUNCTION @extschema@.plpgsql_check_function(
    funcoid regprocedure, relid regclass DEFAULT 0, format text DEFAULT 'text', fatal_errors boolean DEFAULT true,
    other_warnings boolean DEFAULT true, performance_warnings boolean DEFAULT false,
    extra_warnings boolean DEFAULT true, security_warnings boolean DEFAULT false
)
RETURNS SETOF text LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'plpgsql_check is not part of the local database' USING ERRCODE = 'feature_not_supported';
END
$body$;
