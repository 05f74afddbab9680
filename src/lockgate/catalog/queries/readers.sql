-- Whose texts read some relations: the relation ('r') of a view's or another rule and of a policy; a routine ('f') with
-- a body that the server has parsed.
SELECT DISTINCT CASE d.classid WHEN 'pg_proc'::regclass THEN 'f' ELSE 'r' END AS kind,
    COALESCE(w.ev_class, p.polrelid, d.objid)::int8 AS oid
FROM pg_depend d
LEFT JOIN pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
LEFT JOIN pg_policy p ON p.oid = d.objid AND d.classid = 'pg_policy'::regclass
WHERE d.refclassid = 'pg_class'::regclass
    AND d.refobjid = ANY (%(relations)s::oid[])
    AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass)
