-- A trigger that writes the present moment into the column that is its argument.

CREATE FUNCTION @extschema@.moddatetime() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF tg_nargs <> 1 OR tg_op <> 'UPDATE' OR tg_when <> 'BEFORE' OR tg_level <> 'ROW' THEN
        RAISE EXCEPTION 'moddatetime (%): A single argument was expected.', tg_table_name;
    END IF;
    RETURN jsonb_populate_record(new, jsonb_build_object(tg_argv[0], now()));
END
$body$;
