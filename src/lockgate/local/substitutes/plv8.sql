-- Functions can be created; to call one fails, for there is nothing that could run JavaScript.
CREATE TRUSTED LANGUAGE plv8 HANDLER pg_catalog.plpgsql_call_handler;
