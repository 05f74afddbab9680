-- The schema of the realtime service as policies and triggers of a project use it, and the webhooks' trigger function.

SET ROLE supabase_realtime_admin;

CREATE TYPE realtime.action AS ENUM ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'ERROR');
CREATE TYPE realtime.equality_op AS ENUM (
    'eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'ilike', 'is', 'match', 'imatch', 'isdistinct'
);
CREATE TYPE realtime.user_defined_filter AS (
    column_name text, op realtime.equality_op, value text, negate boolean
);
CREATE TYPE realtime.wal_column AS (
    name text, type_name text, type_oid oid, value jsonb, is_pkey boolean, is_selectable boolean
);
CREATE TYPE realtime.wal_rls AS (wal jsonb, is_rls_enabled boolean, subscription_ids uuid[], errors text[]);

CREATE TABLE realtime.messages (
    topic text NOT NULL,
    extension text NOT NULL,
    payload jsonb,
    event text,
    private boolean DEFAULT false,
    updated_at timestamp DEFAULT now() NOT NULL,
    inserted_at timestamp DEFAULT now() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    binary_payload bytea,
    skip_broadcast boolean DEFAULT false NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id, inserted_at)
) PARTITION BY RANGE (inserted_at);
ALTER TABLE realtime.messages
    ADD CONSTRAINT messages_payload_exclusive CHECK (payload IS NULL OR binary_payload IS NULL) NOT VALID;
CREATE INDEX messages_inserted_at_topic_index ON ONLY realtime.messages (inserted_at DESC, topic)
    WHERE extension = 'broadcast' AND private IS TRUE;
ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY;
GRANT ALL ON realtime.messages TO postgres, dashboard_user;
GRANT SELECT, INSERT ON realtime.messages TO postgres WITH GRANT OPTION;
GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role;

-- The service makes one partition a day; here one holds them all.
CREATE TABLE realtime.messages_default PARTITION OF realtime.messages DEFAULT;
GRANT ALL ON realtime.messages_default TO postgres, dashboard_user;

CREATE FUNCTION realtime.to_regrole(role_name text) RETURNS regrole LANGUAGE sql IMMUTABLE
RETURN role_name::regrole;

CREATE TABLE realtime.subscription (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_subscription PRIMARY KEY,
    subscription_id uuid NOT NULL,
    entity regclass NOT NULL,
    filters realtime.user_defined_filter[] DEFAULT '{}' NOT NULL,
    claims jsonb NOT NULL,
    claims_role regrole GENERATED ALWAYS AS (realtime.to_regrole(claims ->> 'role')) STORED NOT NULL,
    created_at timestamp DEFAULT timezone('utc', now()) NOT NULL,
    action_filter text DEFAULT '*' CONSTRAINT subscription_action_filter_check
        CHECK (action_filter IN ('*', 'INSERT', 'UPDATE', 'DELETE')),
    selected_columns text[]
);
CREATE INDEX ix_realtime_subscription_entity ON realtime.subscription (entity);
CREATE UNIQUE INDEX subscription_subscription_id_entity_filters_action_filter_selec
    ON realtime.subscription (subscription_id, entity, filters, action_filter, coalesce(selected_columns, '{}'));
GRANT ALL ON realtime.subscription TO postgres, dashboard_user;
GRANT SELECT ON realtime.subscription TO anon, authenticated, service_role;
GRANT ALL ON SEQUENCE realtime.subscription_id_seq TO postgres, dashboard_user;
GRANT USAGE ON SEQUENCE realtime.subscription_id_seq TO anon, authenticated, service_role;

RESET ROLE;

CREATE TABLE realtime.schema_migrations (
    version bigint CONSTRAINT schema_migrations_pkey PRIMARY KEY,
    inserted_at timestamp(0) DEFAULT now()
);

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
