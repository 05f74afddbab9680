-- What each role may do with each relation, without regard to policies; columns where only some of them are granted.
SELECT c.oid::int8,
       r.rolname,
       has_schema_privilege(r.oid, c.relnamespace, 'USAGE'),
       has_table_privilege(r.oid, c.oid, 'SELECT'),
       has_table_privilege(r.oid, c.oid, 'DELETE'),
       CASE WHEN has_table_privilege(r.oid, c.oid, 'SELECT') AND has_table_privilege(r.oid, c.oid, 'INSERT')
                 AND has_table_privilege(r.oid, c.oid, 'UPDATE') THEN NULL
            WHEN NOT (has_any_column_privilege(r.oid, c.oid, 'SELECT') OR has_any_column_privilege(r.oid, c.oid, 'INSERT')
                      OR has_any_column_privilege(r.oid, c.oid, 'UPDATE')) THEN '[]'::jsonb
            ELSE (SELECT jsonb_agg(jsonb_build_array(a.attname,
                                has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT'),
                                has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT'),
                                has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE')))
                  FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END
FROM pg_class AS c, pg_roles AS r
WHERE c.oid = ANY (%(relations)s::oid[]) AND r.rolname = ANY (%(roles)s)
