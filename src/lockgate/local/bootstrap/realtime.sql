-- The schema of the realtime service as policies and triggers of a project use it, and the webhooks' trigger function.

SET ROLE supabase_realtime_admin;

CREATE TABLE realtime.messages (
    topic text NOT NULL,
    extension text NOT NULL,
    payload jsonb,
    event text,
    private boolean DEFAULT false,
    updated_at timestamp DEFAULT now() NOT NULL,
    inserted_at timestamp DEFAULT now() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id, inserted_at)
) PARTITION BY RANGE (inserted_at);
CREATE INDEX messages_inserted_at_topic_index ON realtime.messages (inserted_at DESC, topic)
    WHERE extension = 'broadcast' AND private IS TRUE;
ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY;
GRANT ALL ON realtime.messages TO postgres, dashboard_user;
GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role;

-- The service makes one partition a day; here one holds them all.
CREATE TABLE realtime.messages_default PARTITION OF realtime.messages DEFAULT;

CREATE FUNCTION realtime.topic() RETURNS text LANGUAGE sql STABLE
RETURN nullif(current_setting('realtime.topic', true), '');

-- A broadcast that cannot be stored is a warning on the platform too, never an error of the writing transaction.
CREATE FUNCTION realtime.send(payload jsonb, event text, topic text, private boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM set_config('realtime.topic', topic, true);
    INSERT INTO realtime.messages (payload, event, topic, private, extension)
    VALUES (payload, event, topic, private, 'broadcast');
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'ErrorSendingBroadcastMessage: %', sqlerrm;
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
GRANT ALL ON FUNCTION realtime.topic(), realtime.send(jsonb, text, text, boolean),
    realtime.broadcast_changes(text, text, text, text, text, record, record, text) TO postgres, dashboard_user;

RESET ROLE;

CREATE TYPE realtime.action AS ENUM ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'ERROR');
CREATE TYPE realtime.equality_op AS ENUM ('eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in');
CREATE TYPE realtime.user_defined_filter AS (column_name text, op realtime.equality_op, value text);

CREATE TABLE realtime.schema_migrations (
    version bigint CONSTRAINT schema_migrations_pkey PRIMARY KEY,
    inserted_at timestamp(0)
);
CREATE TABLE realtime.subscription (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_subscription PRIMARY KEY,
    subscription_id uuid NOT NULL,
    entity regclass NOT NULL,
    filters realtime.user_defined_filter[] DEFAULT '{}' NOT NULL,
    claims jsonb NOT NULL,
    created_at timestamp DEFAULT timezone('utc', now()) NOT NULL
);
CREATE INDEX ix_realtime_subscription_entity ON realtime.subscription (entity);
GRANT ALL ON realtime.schema_migrations, realtime.subscription TO supabase_realtime_admin;
GRANT SELECT ON realtime.subscription TO anon, authenticated, service_role;
REVOKE ALL ON realtime.schema_migrations FROM postgres;

-- A database webhook is a trigger with this function. It keeps what it would have sent; nothing leaves this machine.
CREATE TABLE supabase_functions.migrations (
    version text CONSTRAINT migrations_pkey PRIMARY KEY,
    inserted_at timestamptz DEFAULT now() NOT NULL
);
CREATE TABLE supabase_functions.hooks (
    id bigserial CONSTRAINT hooks_pkey PRIMARY KEY,
    hook_table_id integer NOT NULL,
    hook_name text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    request_id bigint
);
COMMENT ON TABLE supabase_functions.hooks IS
    'Supabase Functions Hooks: Audit trail for triggered hooks.';
ALTER TABLE supabase_functions.migrations OWNER TO supabase_functions_admin;
ALTER TABLE supabase_functions.hooks OWNER TO supabase_functions_admin;
GRANT ALL ON supabase_functions.hooks, supabase_functions.migrations
    TO postgres, anon, authenticated, service_role;
GRANT ALL ON SEQUENCE supabase_functions.hooks_id_seq TO postgres, anon, authenticated, service_role;

CREATE FUNCTION supabase_functions.http_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO supabase_functions AS $body$
BEGIN
    IF tg_nargs < 2 OR tg_argv[0] IS NULL OR tg_argv[0] = 'null' THEN
        RAISE EXCEPTION 'url argument is missing';
    END IF;
    IF coalesce(tg_argv[1], '') NOT IN ('GET', 'POST') THEN
        RAISE EXCEPTION 'method argument % is invalid', tg_argv[1];
    END IF;
    INSERT INTO supabase_functions.hooks (hook_table_id, hook_name) VALUES (tg_relid::bigint::integer, tg_name);
    RETURN new;
END
$body$;
ALTER FUNCTION supabase_functions.http_request() OWNER TO supabase_functions_admin;
REVOKE ALL ON FUNCTION supabase_functions.http_request() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION supabase_functions.http_request() TO postgres, anon, authenticated, service_role;
