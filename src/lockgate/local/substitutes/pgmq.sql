-- Queues as tables, with the functions that applications call. Archives are ordinary tables.

CREATE TABLE pgmq.meta (
    queue_name varchar UNIQUE NOT NULL,
    is_partitioned boolean NOT NULL,
    is_unlogged boolean NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL
);
CREATE TYPE pgmq.message_record AS (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb, headers jsonb
);
CREATE TYPE pgmq.queue_record AS (
    queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);
CREATE TYPE pgmq.metrics_result AS (
    queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer,
    total_messages bigint, scrape_time timestamptz, queue_visible_length bigint
);

CREATE FUNCTION pgmq.format_table_name(queue_name text, prefix text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    IF queue_name ~ '\$|;|--|''' THEN
        RAISE EXCEPTION 'queue name contains invalid characters: $, ;, --, or \''';
    END IF;
    RETURN lower(prefix || '_' || queue_name);
END
$body$;

CREATE FUNCTION pgmq.validate_queue_name(queue_name text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF length(queue_name) > 47 THEN
        RAISE EXCEPTION 'queue name is too long, maximum length is 47 characters';
    END IF;
END
$body$;

CREATE FUNCTION pgmq._create(queue_name text, unlogged boolean) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    queue CONSTANT text := pgmq.format_table_name(queue_name, 'q');
    archive CONSTANT text := pgmq.format_table_name(queue_name, 'a');
BEGIN
    PERFORM pgmq.validate_queue_name(queue_name);
    PERFORM pg_advisory_xact_lock(hashtext('pgmq.queue_' || queue_name));
    EXECUTE format(
        'CREATE %s TABLE IF NOT EXISTS pgmq.%I (msg_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,'
        ' read_ct integer DEFAULT 0 NOT NULL, enqueued_at timestamptz DEFAULT now() NOT NULL,'
        ' vt timestamptz NOT NULL, message jsonb, headers jsonb)', CASE WHEN unlogged THEN 'UNLOGGED' ELSE '' END, queue);
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS pgmq.%I (msg_id bigint PRIMARY KEY, read_ct integer DEFAULT 0 NOT NULL,'
        ' enqueued_at timestamptz DEFAULT now() NOT NULL, archived_at timestamptz DEFAULT now() NOT NULL,'
        ' vt timestamptz NOT NULL, message jsonb, headers jsonb)', archive);
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON pgmq.%I (vt ASC)', queue || '_vt_idx', queue);
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON pgmq.%I (archived_at)', 'archived_at_idx_' || queue_name, archive);
    INSERT INTO pgmq.meta VALUES (queue_name, false, unlogged) ON CONFLICT DO NOTHING;
END
$body$;
CREATE FUNCTION pgmq.create(queue_name text) RETURNS void LANGUAGE sql AS $body$ SELECT pgmq._create(queue_name, false) $body$;
CREATE FUNCTION pgmq.create_non_partitioned(queue_name text) RETURNS void LANGUAGE sql AS $body$ SELECT pgmq._create(queue_name, false) $body$;
CREATE FUNCTION pgmq.create_unlogged(queue_name text) RETURNS void LANGUAGE sql AS $body$ SELECT pgmq._create(queue_name, true) $body$;

CREATE FUNCTION pgmq.drop_queue(queue_name text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS pgmq.%I, pgmq.%I',
                   pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'a'));
    DELETE FROM pgmq.meta m WHERE lower(m.queue_name) = lower($1);
    RETURN FOUND;
END
$body$;

CREATE FUNCTION pgmq.list_queues() RETURNS SETOF pgmq.queue_record LANGUAGE sql AS $body$
    SELECT queue_name, is_partitioned, is_unlogged, created_at FROM pgmq.meta
$body$;

CREATE FUNCTION pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz)
RETURNS SETOF bigint LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format(
        'INSERT INTO pgmq.%I (vt, message, headers) SELECT $2, m, h FROM unnest($1, $3) AS input (m, h) RETURNING msg_id',
        pgmq.format_table_name(queue_name, 'q')) USING msgs, delay, headers;
END
$body$;
CREATE FUNCTION pgmq.send_batch(queue_name text, msgs jsonb[]) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, msgs, '{}'::jsonb[], clock_timestamp())
$body$;
CREATE FUNCTION pgmq.send_batch(queue_name text, msgs jsonb[], delay integer) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, msgs, '{}'::jsonb[], clock_timestamp() + make_interval(secs => delay))
$body$;
CREATE FUNCTION pgmq.send(queue_name text, msg jsonb) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, ARRAY[msg], '{}'::jsonb[], clock_timestamp())
$body$;
CREATE FUNCTION pgmq.send(queue_name text, msg jsonb, delay integer) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, ARRAY[msg], '{}'::jsonb[], clock_timestamp() + make_interval(secs => delay))
$body$;
CREATE FUNCTION pgmq.send(queue_name text, msg jsonb, headers jsonb) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, ARRAY[msg], ARRAY[headers], clock_timestamp())
$body$;
CREATE FUNCTION pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) RETURNS SETOF bigint LANGUAGE sql AS $body$
    SELECT pgmq.send_batch(queue_name, ARRAY[msg], ARRAY[headers], clock_timestamp() + make_interval(secs => delay))
$body$;

CREATE FUNCTION pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb DEFAULT '{}')
RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH next AS (SELECT msg_id FROM pgmq.%1$I WHERE vt <= clock_timestamp() AND message @> $3'
        ' ORDER BY msg_id LIMIT $1 FOR UPDATE SKIP LOCKED)'
        ' UPDATE pgmq.%1$I q SET vt = clock_timestamp() + $2, read_ct = read_ct + 1 FROM next'
        ' WHERE q.msg_id = next.msg_id RETURNING q.msg_id, q.read_ct, q.enqueued_at, q.vt, q.message, q.headers',
        pgmq.format_table_name(queue_name, 'q')) USING qty, make_interval(secs => vt), conditional;
END
$body$;
CREATE FUNCTION pgmq.read_with_poll(
    queue_name text, vt integer, qty integer, max_poll_seconds integer DEFAULT 5, poll_interval_ms integer DEFAULT 100,
    conditional jsonb DEFAULT '{}'
)
RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $body$
DECLARE
    deadline CONSTANT timestamptz := clock_timestamp() + make_interval(secs => max_poll_seconds);
BEGIN
    LOOP
        RETURN QUERY SELECT * FROM pgmq.read(queue_name, vt, qty, conditional);
        EXIT WHEN FOUND OR clock_timestamp() >= deadline;
        PERFORM pg_sleep(poll_interval_ms / 1000.0);
    END LOOP;
END
$body$;
CREATE FUNCTION pgmq.pop(queue_name text) RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format(
        'DELETE FROM pgmq.%1$I WHERE msg_id = (SELECT msg_id FROM pgmq.%1$I WHERE vt <= clock_timestamp()'
        ' ORDER BY msg_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING msg_id, read_ct, enqueued_at, vt, message, headers',
        pgmq.format_table_name(queue_name, 'q'));
END
$body$;

CREATE FUNCTION pgmq.delete(queue_name text, msg_ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format('DELETE FROM pgmq.%I WHERE msg_id = ANY ($1) RETURNING msg_id',
                                pgmq.format_table_name(queue_name, 'q')) USING msg_ids;
END
$body$;
CREATE FUNCTION pgmq.delete(queue_name text, msg_id bigint) RETURNS boolean LANGUAGE sql AS $body$
    SELECT EXISTS (SELECT FROM pgmq.delete(queue_name, ARRAY[msg_id]))
$body$;
CREATE FUNCTION pgmq.archive(queue_name text, msg_ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH gone AS (DELETE FROM pgmq.%I WHERE msg_id = ANY ($1)'
        ' RETURNING msg_id, vt, read_ct, enqueued_at, message, headers)'
        ' INSERT INTO pgmq.%I (msg_id, vt, read_ct, enqueued_at, message, headers) SELECT * FROM gone RETURNING msg_id',
        pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'a')) USING msg_ids;
END
$body$;
CREATE FUNCTION pgmq.archive(queue_name text, msg_id bigint) RETURNS boolean LANGUAGE sql AS $body$
    SELECT EXISTS (SELECT FROM pgmq.archive(queue_name, ARRAY[msg_id]))
$body$;
CREATE FUNCTION pgmq.set_vt(queue_name text, msg_id bigint, vt integer)
RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $body$
BEGIN
    RETURN QUERY EXECUTE format(
        'UPDATE pgmq.%I SET vt = clock_timestamp() + $1 WHERE msg_id = $2'
        ' RETURNING msg_id, read_ct, enqueued_at, vt, message, headers', pgmq.format_table_name(queue_name, 'q'))
        USING make_interval(secs => vt), msg_id;
END
$body$;
CREATE FUNCTION pgmq.purge_queue(queue_name text) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    count bigint;
BEGIN
    EXECUTE format('DELETE FROM pgmq.%I', pgmq.format_table_name(queue_name, 'q'));
    GET DIAGNOSTICS count = ROW_COUNT;
    RETURN count;
END
$body$;

CREATE FUNCTION pgmq.metrics(queue_name text) RETURNS pgmq.metrics_result LANGUAGE plpgsql AS $body$
DECLARE
    result pgmq.metrics_result;
BEGIN
    EXECUTE format(
        'SELECT $1, count(*), extract(epoch FROM now() - max(enqueued_at))::integer,'
        ' extract(epoch FROM now() - min(enqueued_at))::integer,'
        ' (SELECT coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = ''pgmq'' AND sequencename = %2$L),'
        ' now(), count(*) FILTER (WHERE vt <= clock_timestamp()) FROM pgmq.%1$I',
        pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'q') || '_msg_id_seq')
        INTO result USING queue_name;
    RETURN result;
END
$body$;
CREATE FUNCTION pgmq.metrics_all() RETURNS SETOF pgmq.metrics_result LANGUAGE sql AS $body$
    SELECT (pgmq.metrics(queue_name)).* FROM pgmq.meta
$body$;
