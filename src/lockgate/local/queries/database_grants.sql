-- The commands that give database %(name)s the grants of %(source)s; its owner's own are there already.
SELECT 'REVOKE ALL ON DATABASE ' || quote_ident(%(name)s::text) || ' FROM PUBLIC'
FROM pg_database
WHERE datname = %(source)s::text
  AND datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %%s ON DATABASE %%I TO %%s%%s',
              g.privilege_type, %(name)s::text,
              CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(g.grantee::regrole::text) END,
              CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database d
CROSS JOIN aclexplode(d.datacl) AS g
WHERE d.datname = %(source)s::text
  AND g.grantee <> d.datdba
