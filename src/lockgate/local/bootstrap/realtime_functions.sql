-- What projects call to send messages, and the functions by which the realtime service reads the changes of tables. Those
-- that need the service's output plugin say so; the others do what they do there.

SET ROLE supabase_realtime_admin;

CREATE FUNCTION realtime.topic() RETURNS text LANGUAGE sql STABLE
RETURN nullif(current_setting('realtime.topic', true), '');

-- A broadcast that cannot be stored is a warning on the platform too, never an error of the writing transaction.
CREATE FUNCTION realtime.send(payload jsonb, event text, topic text, private boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    id uuid := gen_random_uuid();
BEGIN
    PERFORM set_config('realtime.topic', topic, true);
    INSERT INTO realtime.messages (id, payload, event, topic, private, extension)
    VALUES (id, jsonb_build_object('id', id) || payload, event, topic, private, 'broadcast');
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'WarnSendingBroadcastMessage: %', sqlerrm;
END
$body$;

CREATE FUNCTION realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text,
    new record, old record, level text DEFAULT 'ROW'
)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF level = 'STATEMENT' THEN
        RAISE EXCEPTION 'function can only be triggered for each row, not for each statement';
    END IF;
    IF operation NOT IN ('INSERT', 'UPDATE', 'DELETE') THEN
        RAISE EXCEPTION 'Unexpected operation type: %', operation;
    END IF;
    PERFORM realtime.send(
        jsonb_build_object('old_record', old, 'record', new, 'operation', operation,
                           'table', table_name, 'schema', table_schema),
        event_name, topic_name);
EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'Failed to process the row: %', sqlerrm;
END
$body$;

CREATE FUNCTION realtime.send_binary(payload bytea, event text, topic text, private boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM set_config('realtime.topic', topic, true);
    INSERT INTO realtime.messages (binary_payload, event, topic, private, extension)
    VALUES (payload, event, topic, private, 'broadcast');
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'WarnSendingBroadcastMessage: %', sqlerrm;
END
$body$;

CREATE FUNCTION realtime."cast"(val text, type_ regtype) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    result jsonb;
BEGIN
    IF type_ = 'bytea'::regtype THEN
        RETURN to_jsonb(val);
    END IF;
    EXECUTE format('SELECT to_jsonb(%L::%s)', val, type_) INTO result;
    RETURN result;
END
$body$;

CREATE FUNCTION realtime.check_equality_op(
    op realtime.equality_op, type_ regtype, val_1 text, val_2 text, negate boolean
)
RETURNS boolean LANGUAGE plpgsql STABLE AS $body$
DECLARE
    result boolean;
BEGIN
    IF op = 'is' AND val_2 NOT IN ('null', 'true', 'false', 'unknown') THEN
        RAISE EXCEPTION 'invalid value for is filter: must be null, true, false, or unknown';
    END IF;
    EXECUTE CASE op
        WHEN 'isdistinct' THEN format('SELECT %L::%s IS DISTINCT FROM %L::%2$s', val_1, type_, val_2)
        WHEN 'is' THEN format('SELECT %L::%s IS %s', val_1, type_, upper(val_2))
        WHEN 'in' THEN format('SELECT %L::%s = ANY (%L::%2$s[])', val_1, type_, val_2)
        ELSE format('SELECT %L::%s %s %L::%2$s', val_1, type_,
                    (jsonb_build_object('eq', '=', 'neq', '<>', 'lt', '<', 'lte', '<=', 'gt', '>', 'gte', '>=',
                                        'like', '~~', 'ilike', '~~*', 'match', '~', 'imatch', '~*') ->> op::text),
                    val_2)
        END INTO result;
    RETURN CASE WHEN negate THEN NOT result ELSE result END;
END
$body$;

CREATE FUNCTION realtime.check_equality_op(op realtime.equality_op, type_ regtype, val_1 text, val_2 text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $body$
    SELECT realtime.check_equality_op(op, type_, val_1, val_2, false)
$body$;

CREATE FUNCTION realtime.is_visible_through_filters(
    columns realtime.wal_column[], filters realtime.user_defined_filter[]
)
RETURNS boolean LANGUAGE sql STABLE AS $body$
    SELECT coalesce(bool_and(coalesce(
        realtime.check_equality_op(f.op, coalesce(col.type_oid::regtype, col.type_name::regtype),
                                   col.value #>> '{}', f.value, coalesce(f.negate, false)), false)), true)
    FROM unnest(filters) AS f
    LEFT JOIN unnest(columns) AS col ON col.name = f.column_name
$body$;

CREATE FUNCTION realtime.build_prepared_statement_sql(
    prepared_statement_name text, entity regclass, columns realtime.wal_column[]
)
RETURNS text LANGUAGE sql AS $body$
    SELECT format('prepare %s as select exists(select 1 from %s where %s)', prepared_statement_name, entity,
                  string_agg(format('%I = %L', key.name, key.value #>> '{}'), ' and '))
    FROM unnest(columns) AS key WHERE key.is_pkey
$body$;

CREATE FUNCTION realtime.wal2json_escape_identifier(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
RETURN regexp_replace(name, '([\\,.[:space:]])', '\\\1', 'g');

CREATE FUNCTION realtime.quote_wal2json(entity regclass) RETURNS text LANGUAGE sql STABLE STRICT AS $body$
    SELECT realtime.wal2json_escape_identifier(n.nspname) || '.' || realtime.wal2json_escape_identifier(c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = entity
$body$;

-- A subscription names columns that its role may read, with values that these can be compared with.
CREATE FUNCTION realtime.subscription_check_filters() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    readable text[] := ARRAY(
        SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = new.entity AND attnum > 0 AND NOT attisdropped
          AND has_column_privilege(new.claims ->> 'role', attrelid, attnum, 'SELECT'));
    filter realtime.user_defined_filter;
    unreadable text := (SELECT wanted FROM unnest(new.selected_columns) AS wanted
                        WHERE wanted <> ALL (readable) LIMIT 1);
    type regtype;
BEGIN
    FOREACH filter IN ARRAY new.filters LOOP
        IF filter.column_name <> ALL (readable) THEN
            RAISE EXCEPTION 'invalid column for filter %', filter.column_name;
        END IF;
        type := (SELECT atttypid FROM pg_catalog.pg_attribute
                 WHERE attrelid = new.entity AND attname = filter.column_name);
        IF filter.op = 'in' THEN
            IF jsonb_array_length(realtime.cast(filter.value, (type || '[]')::regtype)) > 100 THEN
                RAISE EXCEPTION 'too many values for `in` filter. Maximum 100';
            END IF;
        ELSE
            PERFORM realtime.check_equality_op(
                filter.op, type, CASE WHEN filter.op = 'is' THEN NULL ELSE filter.value END, filter.value, false);
        END IF;
    END LOOP;
    IF unreadable IS NOT NULL THEN
        RAISE EXCEPTION 'invalid column for select %', unreadable;
    END IF;
    new.filters := ARRAY(SELECT f FROM unnest(new.filters) AS f
                         ORDER BY f.column_name, f.op, f.value, f.negate);
    IF new.selected_columns IS NOT NULL THEN
        new.selected_columns := ARRAY(SELECT wanted FROM unnest(new.selected_columns) AS wanted ORDER BY wanted);
    END IF;
    RETURN new;
END
$body$;
CREATE TRIGGER tr_check_filters BEFORE INSERT OR UPDATE ON realtime.subscription
    FOR EACH ROW EXECUTE FUNCTION realtime.subscription_check_filters();

CREATE FUNCTION realtime.apply_rls(wal jsonb, max_record_bytes integer DEFAULT 1024 * 1024)
RETURNS SETOF realtime.wal_rls LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the realtime service is not part of the local database' USING ERRCODE = 'feature_not_supported';
END
$body$;

CREATE FUNCTION realtime.settled_changes(slot_name name, max_changes integer, VARIADIC opts text[])
RETURNS TABLE (lsn pg_lsn, xid xid, data text) LANGUAGE sql AS $body$
    SELECT changes.lsn, changes.xid, changes.data
    FROM pg_logical_slot_get_changes(slot_name, NULL, max_changes, VARIADIC opts) AS changes
$body$;

CREATE FUNCTION realtime.list_changes(
    publication name, slot_name name, max_changes integer, max_record_bytes integer
)
RETURNS TABLE (wal jsonb, is_rls_enabled boolean, subscription_ids uuid[], errors text[], slot_changes_count bigint)
LANGUAGE sql AS $body$
    SELECT seen.wal, seen.is_rls_enabled, seen.subscription_ids, seen.errors, 0::bigint
    FROM realtime.settled_changes(slot_name, max_changes, VARIADIC '{}'::text[]) AS change
    CROSS JOIN LATERAL realtime.apply_rls(change.data::jsonb, max_record_bytes) AS seen
$body$;

CREATE FUNCTION realtime.list_changes_sync(
    publication name, slot_name name, max_changes integer, max_record_bytes integer
)
RETURNS TABLE (wal jsonb, is_rls_enabled boolean, subscription_ids uuid[], errors text[], slot_changes_count bigint)
LANGUAGE sql AS $body$
    SELECT * FROM realtime.list_changes(publication, slot_name, max_changes, max_record_bytes)
$body$;

GRANT ALL ON ALL FUNCTIONS IN SCHEMA realtime TO postgres, dashboard_user;
GRANT ALL ON FUNCTION
    realtime.apply_rls(jsonb, integer),
    realtime.build_prepared_statement_sql(text, regclass, realtime.wal_column[]),
    realtime."cast"(text, regtype),
    realtime.check_equality_op(realtime.equality_op, regtype, text, text),
    realtime.check_equality_op(realtime.equality_op, regtype, text, text, boolean),
    realtime.is_visible_through_filters(realtime.wal_column[], realtime.user_defined_filter[]),
    realtime.quote_wal2json(regclass),
    realtime.subscription_check_filters(),
    realtime.to_regrole(text)
    TO anon, authenticated, service_role;

RESET ROLE;
