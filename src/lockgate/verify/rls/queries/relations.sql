-- Everything a client can address: tables, views and foreign tables of ordinary schemas, and platform tables with policies.
SELECT c.oid::int8,
       n.nspname,
       c.relname,
       c.relkind::text,
       c.relrowsecurity,
       c.relforcerowsecurity,
       o.rolname,
       o.rolsuper OR o.rolbypassrls,
       coalesce((SELECT lower(option_value) IN ('true', 'on', '1', 'yes')
                 FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'), false),
       coalesce(obj_description(c.oid, 'pg_class'), ''),
       -- A partition that its parent's policies do not protect stands for itself.
       c.relispartition AND (c.relrowsecurity OR NOT EXISTS (
           SELECT FROM pg_partition_ancestors(c.oid) AS a, pg_class AS p WHERE p.oid = a.relid AND p.relrowsecurity)),
       coalesce((SELECT jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
                                                    a.attidentity <> '' OR a.atthasdef, a.attnotnull, a.attidentity = 'a')
                                  ORDER BY a.attnum)
                 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
       coalesce((SELECT jsonb_agg(a.attname ORDER BY k.place)
                 FROM pg_index AS i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place), pg_attribute AS a
                 WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), '[]'),
       coalesce((SELECT jsonb_agg(jsonb_build_array(
                     (SELECT jsonb_agg(a.attname ORDER BY k.place)
                      FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place), pg_attribute AS a
                      WHERE a.attrelid = c.oid AND a.attnum = k.number),
                     tn.nspname, t.relname,
                     (SELECT jsonb_agg(a.attname ORDER BY k.place)
                      FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place), pg_attribute AS a
                      WHERE a.attrelid = t.oid AND a.attnum = k.number)) ORDER BY f.conname)
                 FROM pg_constraint AS f, pg_class AS t, pg_namespace AS tn
                 WHERE f.conrelid = c.oid AND f.contype = 'f' AND t.oid = f.confrelid AND tn.oid = t.relnamespace), '[]'),
       coalesce((SELECT jsonb_agg(jsonb_build_array(p.polname, p.polcmd, p.polpermissive,
                     CASE WHEN p.polroles = '{0}' THEN '["public"]'::jsonb
                          ELSE (SELECT jsonb_agg(r.rolname ORDER BY r.rolname) FROM pg_roles AS r WHERE r.oid = ANY (p.polroles)) END,
                     pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
                     coalesce(obj_description(p.oid, 'pg_policy'), '')) ORDER BY p.polname)
                 FROM pg_policy AS p WHERE p.polrelid = c.oid), '[]'),
       coalesce((SELECT jsonb_agg(jsonb_build_array(g.tgname, (g.tgtype & 2) <> 0, f.prosrc ~* '\m(net\.|http|dblink|pg_read_file|plpython|plperlu|copy\M)'
                                                              OR l.lanname NOT IN ('plpgsql', 'sql', 'internal')))
                 FROM pg_trigger AS g, pg_proc AS f, pg_language AS l
                 WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D'
                   AND f.oid = g.tgfoid AND l.oid = f.prolang), '[]'),
       greatest(c.reltuples, 0)::int8,
       coalesce((SELECT jsonb_agg(DISTINCT jsonb_build_array(rn.nspname, r.relname))
                 FROM pg_rewrite AS w, pg_depend AS d, pg_class AS r, pg_namespace AS rn
                 WHERE w.ev_class = c.oid AND d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass
                   AND d.refclassid = 'pg_class'::regclass AND r.oid = d.refobjid AND r.oid <> c.oid
                   AND rn.oid = r.relnamespace AND r.relkind IN ('r', 'p', 'v', 'm')), '[]'),
       coalesce((SELECT jsonb_agg(DISTINCT a.attname)
                 FROM pg_index AS i, pg_attribute AS a
                 WHERE i.indrelid = c.oid AND i.indisvalid AND a.attrelid = c.oid AND a.attnum = i.indkey[0]), '[]')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_roles AS o ON o.oid = c.relowner
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
