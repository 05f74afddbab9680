-- What the platform adds to the rights of a plain role, and what it does by itself when a schema changes.

-- 1. The REST API reloads its picture of the schema.
CREATE FUNCTION extensions.pgrst_ddl_watch() RETURNS event_trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM 1 FROM pg_event_trigger_ddl_commands() AS command
    WHERE command.schema_name IS DISTINCT FROM 'pg_temp'
      AND command.command_tag ~ '^(CREATE|ALTER) (SCHEMA|(FOREIGN )?TABLE|(MATERIALIZED )?VIEW|FUNCTION|TYPE)'
       OR command.command_tag IN ('SELECT INTO', 'CREATE TRIGGER', 'CREATE RULE', 'COMMENT');
    IF FOUND THEN
        NOTIFY pgrst, 'reload schema';
    END IF;
END
$body$;
CREATE EVENT TRIGGER pgrst_ddl_watch ON ddl_command_end EXECUTE FUNCTION extensions.pgrst_ddl_watch();

CREATE FUNCTION extensions.pgrst_drop_watch() RETURNS event_trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM 1 FROM pg_event_trigger_dropped_objects() AS dropped
    WHERE NOT dropped.is_temporary
      AND dropped.object_type IN ('schema', 'table', 'foreign table', 'view', 'materialized view', 'function',
                                  'trigger', 'type', 'rule');
    IF FOUND THEN
        NOTIFY pgrst, 'reload schema';
    END IF;
END
$body$;
CREATE EVENT TRIGGER pgrst_drop_watch ON sql_drop EXECUTE FUNCTION extensions.pgrst_drop_watch();

-- 2. GraphQL answers that it is off until its extension is there, and again once it has gone.
CREATE FUNCTION extensions.platform_graphql_placeholder() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    CREATE OR REPLACE FUNCTION graphql_public.graphql(
        "operationName" text DEFAULT NULL, query text DEFAULT NULL, variables jsonb DEFAULT NULL,
        extensions jsonb DEFAULT NULL
    )
    RETURNS jsonb LANGUAGE sql
    RETURN '{"errors": [{"message": "pg_graphql extension is not enabled."}]}'::jsonb;
END
$body$;
SELECT extensions.platform_graphql_placeholder();

CREATE FUNCTION extensions.set_graphql_placeholder() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_graphql') THEN
        PERFORM extensions.platform_graphql_placeholder();
    END IF;
END
$body$;
CREATE EVENT TRIGGER issue_graphql_placeholder ON sql_drop WHEN TAG IN ('DROP EXTENSION')
    EXECUTE FUNCTION extensions.set_graphql_placeholder();

-- 3. What hosted projects let the role postgres do although it is neither a superuser nor the owner: policies and the
--    dropping of triggers on some platform tables, extensions and comments on them, publications of any tables, new
--    foreign data wrappers. For the length of one such command the ownership, or the attribute, is lent; a failure
--    rolls the loan back with it.
CREATE FUNCTION extensions.platform_lent_tables() RETURNS TABLE (relid oid, owner oid) LANGUAGE sql STABLE
ROWS 24 AS $body$
    SELECT to_regclass(name), ('supabase_' || split_part(name, '.', 1) || '_admin')::regrole
    FROM unnest(ARRAY[
        'auth.audit_log_entries', 'auth.flow_state', 'auth.identities', 'auth.instances', 'auth.mfa_amr_claims',
        'auth.mfa_challenges', 'auth.mfa_factors', 'auth.oauth_clients', 'auth.one_time_tokens',
        'auth.refresh_tokens', 'auth.saml_providers', 'auth.saml_relay_states', 'auth.sessions', 'auth.sso_domains',
        'auth.sso_providers', 'auth.users', 'realtime.messages', 'realtime.subscription', 'storage.buckets',
        'storage.buckets_analytics', 'storage.objects', 'storage.prefixes', 'storage.s3_multipart_uploads',
        'storage.s3_multipart_uploads_parts']) AS name
    WHERE to_regclass(name) IS NOT NULL
$body$;

-- The platform tables whose policies or triggers a command may be about. One message can hold thousands of commands:
-- its text is read once, and each loan leaves two dead rows in pg_class until the transaction ends.
CREATE FUNCTION extensions.platform_addressed(statement text, nested boolean) RETURNS oid[] LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
DECLARE
    message text := statement_timestamp()::text || '/' || octet_length(statement);
    known text := current_setting('lockgate.addressed', true);
    named text[];
    found oid[];
BEGIN
    IF NOT nested AND split_part(known, '=', 1) = message THEN
        RETURN split_part(known, '=', 2)::oid[];
    END IF;
    IF nested OR statement ~* '\msearch_path\M[^;]*\m(auth|storage|realtime)\M' THEN
        found := ARRAY(SELECT relid FROM extensions.platform_lent_tables());
    ELSE
        named := ARRAY(
            SELECT lower(part[1] || '.' || part[2]) FROM regexp_matches(
                statement,
                '\mon(?:\s|--[^\n]*\n|/\*.*?\*/)+(?:only\s+)?"?(auth|storage|realtime)"?\s*\.\s*"?(\w+)', 'gi'
            ) AS part);
        IF named = '{}' THEN
            found := '{}';
        ELSE
            found := ARRAY(SELECT relid FROM extensions.platform_lent_tables()
                           WHERE relid::regclass::text = ANY (named));
        END IF;
    END IF;
    IF NOT nested THEN
        PERFORM set_config('lockgate.addressed', message || '=' || found::text, true);
    END IF;
    RETURN found;
END
$body$;

-- Whether a command of a message comments on an extension: a message without one is read once, too.
CREATE FUNCTION extensions.platform_comments(statement text) RETURNS boolean LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
DECLARE
    message text := statement_timestamp()::text || '/' || octet_length(statement);
BEGIN
    IF current_setting('lockgate.no_comments', true) = message THEN
        RETURN false;
    ELSIF statement ~* '\mon(?:\s|--[^\n]*\n|/\*.*?\*/)+extension\M' THEN
        RETURN true;
    END IF;
    PERFORM set_config('lockgate.no_comments', message, true);
    RETURN false;
END
$body$;

CREATE FUNCTION extensions.platform_lend() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
DECLARE
    borrower name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    statement text := current_query();
    stack text;
    addressed oid[];
BEGIN
    IF borrower <> 'postgres' THEN
        RETURN;
    END IF;
    IF tg_tag LIKE '%EXTENSION' THEN
        IF tg_tag = 'CREATE EXTENSION' AND statement ~* '\mcreate\s+extension\M[^;]*\mversion\M' THEN
            RAISE 'Only administrators can specify VERSION when creating extensions.';
        END IF;
        UPDATE pg_extension SET extowner = borrower::regrole
        WHERE extowner = 'supabase_admin'::regrole AND extname <> 'plpgsql';
        IF tg_tag = 'ALTER EXTENSION' AND statement ~* '\mset\s+schema\M' THEN  -- asks for all that it moves
            UPDATE pg_authid SET rolsuper = true WHERE rolname = borrower;
        END IF;
    ELSIF tg_tag = 'COMMENT' THEN
        IF NOT extensions.platform_comments(statement) THEN
            RETURN;
        END IF;
        UPDATE pg_extension SET extowner = borrower::regrole WHERE extowner = 'supabase_admin'::regrole;
    ELSIF tg_tag LIKE '%PUBLICATION' OR tg_tag = 'CREATE FOREIGN DATA WRAPPER' THEN
        UPDATE pg_authid SET rolsuper = true WHERE rolname = borrower;
    ELSIF tg_tag = 'ALTER POLICY' AND statement ~*
        '\malter\s+policy\s[^;]*\son\s+(?:only\s+)?"?(?:auth|storage|realtime)"?\s*\.\s*"?\w+"?\s+rename\s+to\M' THEN
        RETURN;  -- what may be done to such a policy is all but this
    ELSE
        GET DIAGNOSTICS stack = PG_CONTEXT;
        addressed := extensions.platform_addressed(statement, stack LIKE E'%\n%');
        IF addressed = '{}' THEN
            RETURN;
        END IF;
        UPDATE pg_class SET relowner = borrower::regrole WHERE oid = ANY (addressed);
    END IF;
    PERFORM set_config('lockgate.lent', tg_tag, true);
END
$body$;

CREATE FUNCTION extensions.platform_take_back() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    -- The script of an extension may hold commands of these kinds, too: they end no loan but their own.
    IF current_setting('lockgate.lent', true) IS DISTINCT FROM tg_tag THEN
        RETURN;
    END IF;
    PERFORM set_config('lockgate.lent', '', true);
    IF tg_tag LIKE '%EXTENSION' OR tg_tag = 'COMMENT' THEN
        UPDATE pg_authid SET rolsuper = false WHERE rolname = 'postgres' AND rolsuper;
        UPDATE pg_extension SET extowner = 'supabase_admin'::regrole
        WHERE extowner = 'postgres'::regrole AND extname <> ALL (ARRAY['pgmq', 'pgtap']);
        DELETE FROM pg_shdepend
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = 'pg_extension'::regclass AND deptype = 'o'
          AND objid IN (SELECT oid FROM pg_extension WHERE extowner = 'supabase_admin'::regrole);
    ELSIF tg_tag LIKE '%PUBLICATION' OR tg_tag = 'CREATE FOREIGN DATA WRAPPER' THEN
        UPDATE pg_authid SET rolsuper = false WHERE rolname = 'postgres';
    ELSE
        UPDATE pg_class SET relowner = lent.owner
        FROM extensions.platform_lent_tables() AS lent
        WHERE pg_class.oid = lent.relid AND pg_class.relowner <> lent.owner;
    END IF;
END
$body$;

REVOKE ALL ON FUNCTION extensions.platform_lent_tables(), extensions.platform_addressed(text, boolean),
    extensions.platform_comments(text), extensions.platform_lend(), extensions.platform_take_back()
    FROM PUBLIC;

CREATE EVENT TRIGGER platform_lend ON ddl_command_start
    WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER',
                 'CREATE EXTENSION', 'ALTER EXTENSION', 'DROP EXTENSION', 'COMMENT',
                 'CREATE PUBLICATION', 'ALTER PUBLICATION', 'CREATE FOREIGN DATA WRAPPER')
    EXECUTE FUNCTION extensions.platform_lend();
CREATE EVENT TRIGGER platform_take_back ON ddl_command_end
    WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER',
                 'CREATE EXTENSION', 'ALTER EXTENSION', 'DROP EXTENSION', 'COMMENT',
                 'CREATE PUBLICATION', 'ALTER PUBLICATION', 'CREATE FOREIGN DATA WRAPPER')
    EXECUTE FUNCTION extensions.platform_take_back();

-- 4. postgres may create event triggers on hosted projects. Nothing fires for that command, so the attribute it asks for
--    is lent from the end of a CREATE FUNCTION ... RETURNS event_trigger on, between the commands that define something
--    and never during one of them, until the transaction ends.
CREATE UNLOGGED TABLE extensions.platform_loans (role name PRIMARY KEY);

CREATE FUNCTION extensions.platform_end_loan() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    UPDATE pg_authid SET rolsuper = false WHERE rolname = new.role;
    DELETE FROM extensions.platform_loans;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER platform_end_loan AFTER INSERT ON extensions.platform_loans
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION extensions.platform_end_loan();

CREATE FUNCTION extensions.platform_close_window() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF current_setting('lockgate.window', true) = 'open' THEN
        UPDATE pg_authid SET rolsuper = false WHERE rolname = 'postgres';
    END IF;
END
$body$;

CREATE FUNCTION extensions.platform_open_window() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF current_setting('lockgate.window', true) IS DISTINCT FROM 'open' THEN
        IF tg_tag <> 'CREATE FUNCTION' THEN
            RETURN;
        END IF;
        PERFORM 1 FROM pg_event_trigger_ddl_commands() AS command
        JOIN pg_proc p ON command.classid = 'pg_proc'::regclass AND p.oid = command.objid
        WHERE p.prorettype = 'event_trigger'::regtype AND p.proowner = 'postgres'::regrole;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        INSERT INTO extensions.platform_loans VALUES ('postgres');
        PERFORM set_config('lockgate.window', 'open', true);
    END IF;
    UPDATE pg_authid SET rolsuper = true WHERE rolname = 'postgres';
END
$body$;

-- For a function that an earlier transaction has made, whoever sends the command asks for the loan first.
CREATE FUNCTION extensions.platform_event_window() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF session_user = 'postgres' AND current_setting('lockgate.window', true) IS DISTINCT FROM 'open' THEN
        INSERT INTO extensions.platform_loans VALUES ('postgres');
        PERFORM set_config('lockgate.window', 'open', true);
        UPDATE pg_authid SET rolsuper = true WHERE rolname = 'postgres';
    END IF;
END
$body$;

REVOKE ALL ON extensions.platform_loans FROM postgres;
REVOKE ALL ON FUNCTION extensions.platform_end_loan(), extensions.platform_close_window(),
    extensions.platform_open_window() FROM PUBLIC;
-- Event triggers of one kind fire in the order of their names: close before lend, open after take_back.
CREATE EVENT TRIGGER platform_close_window ON ddl_command_start EXECUTE FUNCTION extensions.platform_close_window();
CREATE EVENT TRIGGER platform_upon_end ON ddl_command_end EXECUTE FUNCTION extensions.platform_open_window();

-- 5. Some extensions bring a schema that postgres shares with the API's roles, or administers for itself.
CREATE FUNCTION extensions.platform_made(extension name) RETURNS boolean LANGUAGE sql AS $body$
    SELECT EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() AS command
        JOIN pg_extension ext ON command.classid = 'pg_extension'::regclass AND ext.oid = command.objid
        WHERE ext.extname = extension)
$body$;

CREATE FUNCTION extensions.grant_pg_cron_access() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF extensions.platform_made('pg_cron') THEN
        GRANT USAGE ON SCHEMA cron TO postgres WITH GRANT OPTION;
        GRANT ALL ON ALL TABLES IN SCHEMA cron TO postgres WITH GRANT OPTION;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA cron TO postgres WITH GRANT OPTION;
        GRANT ALL ON ALL FUNCTIONS IN SCHEMA cron TO postgres WITH GRANT OPTION;
        REVOKE ALL ON cron.job FROM postgres;
        GRANT SELECT ON cron.job TO postgres WITH GRANT OPTION;
        REVOKE TRIGGER ON cron.job_run_details FROM postgres;
        -- Whatever schema the command names, this one lies where nothing can drop it by the way.
        UPDATE pg_extension SET extnamespace = 'pg_catalog'::regnamespace WHERE extname = 'pg_cron';
        DELETE FROM pg_depend USING pg_extension ext
        WHERE classid = 'pg_extension'::regclass AND objid = ext.oid AND ext.extname = 'pg_cron'
          AND refclassid = 'pg_namespace'::regclass;
    END IF;
END
$body$;
CREATE EVENT TRIGGER issue_pg_cron_access ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.grant_pg_cron_access();

CREATE FUNCTION extensions.grant_pg_net_access() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF extensions.platform_made('pg_net') THEN
        GRANT USAGE ON SCHEMA net TO supabase_functions_admin, postgres, anon, authenticated, service_role;
    END IF;
END
$body$;
CREATE EVENT TRIGGER issue_pg_net_access ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.grant_pg_net_access();

CREATE FUNCTION extensions.grant_pg_graphql_access() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
BEGIN
    IF extensions.platform_made('pg_graphql') THEN
        GRANT USAGE ON SCHEMA graphql, graphql_public TO postgres WITH GRANT OPTION;
        GRANT USAGE ON SCHEMA graphql TO anon, authenticated, service_role;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphql TO postgres, anon, authenticated, service_role;
    END IF;
END
$body$;
CREATE EVENT TRIGGER issue_pg_graphql_access ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.grant_pg_graphql_access();

-- Only superusers may be given a foreign data wrapper, or a schema that an extension has brought along.
CREATE FUNCTION extensions.platform_share_extension() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO pg_catalog AS $body$
DECLARE
    brought_along name;
BEGIN
    IF extensions.platform_made('postgres_fdw') THEN
        UPDATE pg_foreign_data_wrapper SET fdwowner = 'postgres'::regrole WHERE fdwname = 'postgres_fdw';
        INSERT INTO pg_shdepend
        SELECT d.oid, 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 'pg_authid'::regclass, w.fdwowner, 'o'
        FROM pg_foreign_data_wrapper w, pg_database d
        WHERE w.fdwname = 'postgres_fdw' AND d.datname = current_database();
    END IF;
    FOR brought_along IN
        SELECT n.nspname FROM pg_extension ext
        JOIN pg_namespace n ON n.oid = ext.extnamespace
        JOIN pg_depend member ON member.refclassid = 'pg_extension'::regclass AND member.refobjid = ext.oid
             AND member.classid = 'pg_namespace'::regclass AND member.objid = n.oid AND member.deptype = 'e'
        WHERE ext.extname <> ALL (ARRAY['pg_cron', 'pg_net', 'pgmq', 'pgtap'])
          AND extensions.platform_made(ext.extname)
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO postgres WITH GRANT OPTION', brought_along);
    END LOOP;
END
$body$;
CREATE EVENT TRIGGER platform_share_extension ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.platform_share_extension();

REVOKE ALL ON FUNCTION extensions.platform_graphql_placeholder(), extensions.platform_made(name),
    extensions.platform_share_extension() FROM PUBLIC;

-- A role that only replays data, as seeds and restores are, must not switch the platform's part off.
ALTER EVENT TRIGGER platform_lend ENABLE ALWAYS;
ALTER EVENT TRIGGER platform_take_back ENABLE ALWAYS;
ALTER EVENT TRIGGER platform_close_window ENABLE ALWAYS;
ALTER EVENT TRIGGER platform_upon_end ENABLE ALWAYS;
ALTER TABLE extensions.platform_loans ENABLE ALWAYS TRIGGER platform_end_loan;
ALTER EVENT TRIGGER issue_graphql_placeholder ENABLE ALWAYS;
ALTER EVENT TRIGGER issue_pg_cron_access ENABLE ALWAYS;
ALTER EVENT TRIGGER issue_pg_net_access ENABLE ALWAYS;
ALTER EVENT TRIGGER issue_pg_graphql_access ENABLE ALWAYS;
ALTER EVENT TRIGGER platform_share_extension ENABLE ALWAYS;
