-- Whose texts read some relations: the relation of a view's or another rule and of a policy; a routine with a body
-- that the server has parsed, or with a row type in its signature.
SELECT DISTINCT COALESCE(w.ev_class, p.polrelid)::int8, d.classid = 'pg_catalog.pg_proc'::regclass
FROM pg_catalog.pg_depend d
LEFT JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass
LEFT JOIN pg_catalog.pg_policy p ON p.oid = d.objid AND d.classid = 'pg_catalog.pg_policy'::regclass
WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
    AND d.refobjid = ANY (%(relations)s::oid[])
    AND d.classid IN (
        'pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_proc'::regclass
    )
