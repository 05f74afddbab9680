-- The extensions that every project starts with, as far as this server has them.

DO $extensions$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT listed.name, listed.schema
        FROM (VALUES ('pg_stat_statements', 'extensions'), ('pgcrypto', 'extensions'),
                     ('uuid-ossp', 'extensions'), ('supabase_vault', 'vault')) AS listed (name, schema)
        JOIN pg_available_extensions USING (name)
    LOOP
        EXECUTE format('CREATE EXTENSION %I WITH SCHEMA %I', wanted.name, wanted.schema);
    END LOOP;
END
$extensions$;
