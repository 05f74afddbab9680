-- What a session carries from one file to the next within a transaction, settings apart: temporary objects, prepared
-- statements, cursors, advisory locks.
SELECT
    pg_catalog.pg_my_temp_schema()::int8,
    (SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE from_sql AND name !~ '^lockgate_'),
    (SELECT count(*) FROM pg_catalog.pg_cursors WHERE name <> ''),
    (SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())
