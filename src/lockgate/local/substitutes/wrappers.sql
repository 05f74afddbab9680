-- The handlers lead to postgres_fdw where the server has it: wrappers, servers and foreign tables can be made with
-- any options, and reading one fails, because there is nothing behind it.

DO $handlers$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_available_extensions AS offered WHERE offered.name = 'postgres_fdw') THEN
        RETURN;
    END IF;
    FOREACH name IN ARRAY ARRAY[
        'airtable', 'auth0', 'big_query', 'click_house', 'cognito', 'duckdb', 'firebase', 'hello_world', 'iceberg',
        'logflare', 'mssql', 'redis', 's3', 's3_vectors', 'stripe', 'wasm'
    ]
    LOOP
        EXECUTE format('CREATE FUNCTION @extschema@.%I() RETURNS fdw_handler LANGUAGE c STRICT AS %L, %L',
                       name || '_fdw_handler', '$libdir/postgres_fdw', 'postgres_fdw_handler');
        EXECUTE format('CREATE FUNCTION @extschema@.%I(options text[], catalog oid) RETURNS void LANGUAGE plpgsql'
                       ' AS %L', name || '_fdw_validator', 'BEGIN END');
    END LOOP;
END
$handlers$;
