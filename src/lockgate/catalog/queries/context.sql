-- Where we are: who reads what. The system identifier is not readable everywhere.
SELECT current_setting('server_version_num')::int / 10000 AS major,
       current_database() AS database,
       current_user AS "user",
       d.oid AS database_oid,
       CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'execute')
            THEN (SELECT system_identifier::text FROM pg_control_system()) END AS system
FROM pg_database d
WHERE d.datname = current_database()
