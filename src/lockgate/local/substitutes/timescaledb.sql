-- A hypertable stays a plain table; buckets of time are real.
CREATE FUNCTION @extschema@.create_hypertable(
    relation regclass, time_column_name name, partitioning_column name DEFAULT NULL,
    number_partitions integer DEFAULT NULL, associated_schema_name name DEFAULT NULL,
    associated_table_prefix name DEFAULT NULL, chunk_time_interval anyelement DEFAULT NULL::bigint,
    create_default_indexes boolean DEFAULT true, if_not_exists boolean DEFAULT false,
    partitioning_func regproc DEFAULT NULL, migrate_data boolean DEFAULT false
)
RETURNS TABLE (hypertable_id integer, schema_name name, table_name name, created boolean) LANGUAGE sql AS $body$
    SELECT 1, n.nspname, c.relname, true
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
$body$;
DO $buckets$
DECLARE
    type text;
BEGIN
    FOREACH type IN ARRAY ARRAY['timestamptz', 'timestamp', 'date'] LOOP
        EXECUTE format(
            'CREATE FUNCTION @extschema@.time_bucket(bucket_width interval, ts %1$s) RETURNS %1$s
             LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
             RETURN date_bin(bucket_width, ts::timestamp, timestamp ''2000-01-03'')::%1$s', type);
    END LOOP;
END
$buckets$;
