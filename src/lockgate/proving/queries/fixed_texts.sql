-- Settings of this transaction under which equal values have equal texts, whatever the session had.
SET LOCAL search_path = pg_catalog;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = 0;
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = postgres;
SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = hex;
SET LOCAL extra_float_digits = 1;
SET LOCAL xmlbinary = base64;
SET LOCAL jit = off
