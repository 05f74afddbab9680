-- Every role but PostgreSQL's own and superusers: attributes as words, settings that hold in all databases, and
-- memberships as the tail of a GRANT command.
SELECT r.rolname,
       concat_ws(' ',
           CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
           CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
           CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
           CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
           CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
           CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,
           'CONNECTION LIMIT ' || r.rolconnlimit),
       coalesce((SELECT s.setconfig FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0), '{}'),
       ARRAY(
           SELECT m.roleid::regrole::text || CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END
           FROM pg_auth_members m
           WHERE m.member = r.oid
           ORDER BY m.roleid
       )
FROM pg_roles r
WHERE r.rolname !~ '^pg_'
  AND NOT r.rolsuper
ORDER BY r.oid
