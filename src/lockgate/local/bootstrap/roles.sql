-- The roles of a hosted Supabase project, their memberships and settings. Once per cluster, as the platform's superuser.
-- "postgres" is what a project's owner logs in as: it owns the database and is no superuser.

CREATE ROLE postgres LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS;
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role BYPASSRLS;
CREATE ROLE authenticator LOGIN NOINHERIT;
CREATE ROLE dashboard_user CREATEDB CREATEROLE REPLICATION;
CREATE ROLE pgbouncer LOGIN;
CREATE ROLE supabase_auth_admin LOGIN NOINHERIT CREATEROLE;
CREATE ROLE supabase_storage_admin LOGIN NOINHERIT CREATEROLE;
CREATE ROLE supabase_realtime_admin LOGIN NOINHERIT CREATEROLE REPLICATION;
CREATE ROLE supabase_functions_admin LOGIN NOINHERIT CREATEROLE;
CREATE ROLE supabase_etl_admin LOGIN REPLICATION;
CREATE ROLE supabase_read_only_user LOGIN BYPASSRLS;
CREATE ROLE supabase_replication_admin LOGIN REPLICATION;
CREATE ROLE supabase_privileged_role;
-- Projects of earlier years have these three, and their migrations grant to them.
CREATE ROLE pgsodium_keyiduser;
CREATE ROLE pgsodium_keyholder;
CREATE ROLE pgsodium_keymaker;

GRANT anon, authenticated, service_role TO authenticator;
GRANT authenticator TO supabase_storage_admin;
GRANT supabase_privileged_role TO postgres, supabase_etl_admin;
GRANT pg_read_all_data, pg_monitor TO supabase_etl_admin, supabase_read_only_user;
GRANT pgsodium_keyiduser TO pgsodium_keyholder;
GRANT pgsodium_keyholder, pgsodium_keyiduser TO pgsodium_keymaker;
GRANT pgsodium_keyholder TO service_role;

-- Since PostgreSQL 16 only the admin option lets postgres alter or grant a role that it did not create.
DO $memberships$
BEGIN
    GRANT anon, authenticated, service_role, pg_monitor, pg_read_all_data, pg_signal_backend TO postgres;
    IF current_setting('server_version_num')::int >= 160000 THEN
        GRANT anon, authenticated, service_role, authenticator TO postgres WITH ADMIN OPTION;
        GRANT pg_monitor, pg_read_all_data, pg_signal_backend TO postgres WITH ADMIN OPTION;
        GRANT pg_create_subscription TO postgres;
    END IF;
END
$memberships$;

ALTER ROLE supabase_admin SET search_path TO "$user", public, auth, extensions;
ALTER ROLE supabase_admin SET log_statement = 'none';
ALTER ROLE postgres SET search_path TO "$user", public, extensions;
ALTER ROLE anon SET statement_timeout = '3s';
ALTER ROLE authenticated SET statement_timeout = '8s';
ALTER ROLE authenticator SET statement_timeout = '8s';
ALTER ROLE authenticator SET lock_timeout = '8s';
ALTER ROLE supabase_auth_admin SET search_path TO auth;
ALTER ROLE supabase_auth_admin SET idle_in_transaction_session_timeout = 60000;
ALTER ROLE supabase_auth_admin SET log_statement = 'none';
ALTER ROLE supabase_storage_admin SET search_path TO storage;
ALTER ROLE supabase_storage_admin SET log_statement = 'none';
ALTER ROLE supabase_realtime_admin SET search_path TO realtime;

-- What the platform lets postgres set although it is no superuser.
DO $parameters$
DECLARE
    parameter text;
BEGIN
    FOREACH parameter IN ARRAY ARRAY[
        'session_replication_role', 'track_io_timing', 'wal_compression',
        'log_lock_waits', 'log_min_duration_statement', 'log_min_messages', 'log_parameter_max_length',
        'log_replication_commands', 'log_statement', 'log_temp_files',
        'auto_explain.log_analyze', 'auto_explain.log_buffers', 'auto_explain.log_format',
        'auto_explain.log_min_duration', 'auto_explain.log_nested_statements', 'auto_explain.log_timing',
        'auto_explain.log_triggers', 'auto_explain.log_verbose', 'auto_explain.log_wal',
        'auto_explain.sample_rate',
        'pg_net.batch_size', 'pg_net.ttl',
        'pg_stat_statements.max', 'pg_stat_statements.track', 'pg_stat_statements.track_utility',
        'pg_stat_statements.track_planning', 'pg_stat_statements.save',
        'pgaudit.log', 'pgaudit.log_catalog', 'pgaudit.log_client', 'pgaudit.log_level', 'pgaudit.log_relation',
        'pgaudit.log_rows', 'pgaudit.log_statement', 'pgaudit.log_statement_once', 'pgaudit.role',
        'pgrst.admin_server_host', 'pgrst.admin_server_port', 'pgrst.app_settings',
        'pgrst.client_error_verbosity', 'pgrst.db_aggregates_enabled', 'pgrst.db_anon_role', 'pgrst.db_channel',
        'pgrst.db_channel_enabled', 'pgrst.db_config', 'pgrst.db_extra_search_path',
        'pgrst.db_hoisted_tx_settings', 'pgrst.db_max_rows', 'pgrst.db_plan_enabled', 'pgrst.db_pool',
        'pgrst.db_pool_acquisition_timeout', 'pgrst.db_pool_automatic_recovery', 'pgrst.db_pool_max_idletime',
        'pgrst.db_pool_max_lifetime', 'pgrst.db_pre_config', 'pgrst.db_pre_request',
        'pgrst.db_prepared_statements', 'pgrst.db_root_spec', 'pgrst.db_schema', 'pgrst.db_schemas',
        'pgrst.db_timezone_enabled', 'pgrst.db_tx_end', 'pgrst.db_uri', 'pgrst.jwt_aud',
        'pgrst.jwt_cache_max_entries', 'pgrst.jwt_cache_max_lifetime', 'pgrst.jwt_role_claim_key',
        'pgrst.jwt_secret', 'pgrst.jwt_secret_is_base64', 'pgrst.log_level', 'pgrst.log_query',
        'pgrst.openapi_mode', 'pgrst.openapi_security_active', 'pgrst.openapi_server_proxy_uri',
        'pgrst.raw_media_types', 'pgrst.server_cors_allowed_origins', 'pgrst.server_host', 'pgrst.server_port',
        'pgrst.server_timing_enabled', 'pgrst.server_trace_header', 'pgrst.server_unix_socket',
        'pgrst.server_unix_socket_mode',
        'plan_filter.module_loaded', 'plan_filter.statement_cost_limit', 'plan_filter.limit_select_only',
        'safeupdate.enabled'
    ]
    LOOP
        EXECUTE format('GRANT SET ON PARAMETER %s TO postgres', parameter);
    END LOOP;
END
$parameters$;
