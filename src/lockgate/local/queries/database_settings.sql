-- The commands that give database %(name)s the settings of %(source)s, also those for single roles.
SELECT format('ALTER %%s SET %%s TO %%s',
              CASE WHEN s.setrole = 0 THEN format('DATABASE %%I', %(name)s::text)
                   ELSE format('ROLE %%I IN DATABASE %%I', r.rolname, %(name)s::text) END,
              split_part(entry, '=', 1),
              CASE WHEN split_part(entry, '=', 1) IN (
                       'search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')
                   THEN substr(entry, strpos(entry, '=') + 1)
                   ELSE quote_literal(substr(entry, strpos(entry, '=') + 1)) END)
FROM pg_db_role_setting s
JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_roles r ON r.oid = s.setrole
CROSS JOIN unnest(s.setconfig) AS entry
WHERE d.datname = %(source)s::text
