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
           SELECT format('%s WITH ADMIN %s, INHERIT %s, SET %s GRANTED BY %s',
                         m.roleid::regrole, m.admin_option, m.inherit_option, m.set_option,
                         m.grantor::regrole)
           FROM pg_auth_members m
           WHERE m.member = r.oid
           ORDER BY m.oid
       )
FROM pg_roles r
WHERE r.rolname !~ '^pg_'
  AND NOT r.rolsuper
ORDER BY r.oid
