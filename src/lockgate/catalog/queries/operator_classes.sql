-- Operator classes with their operators and functions, each as the clause of CREATE OPERATOR CLASS.
SELECT c.oid, n.nspname AS schema, c.opcname AS name, am.amname AS method, o.rolname AS owner,
       c.opcdefault AS is_default, format_type(c.opcintype, NULL) AS type,
       quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
       CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
       ARRAY(SELECT 'OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator
                    || CASE WHEN a.amopsortfamily <> 0 THEN ' FOR ORDER BY ' ||
                       (SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.opfname)
                        FROM pg_opfamily s JOIN pg_namespace sn ON sn.oid = s.opfnamespace
                        WHERE s.oid = a.amopsortfamily) ELSE '' END
             FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid
                  AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
             ORDER BY a.amopstrategy) AS operators,
       ARRAY(SELECT 'FUNCTION ' || a.amprocnum || ' (' || format_type(a.amproclefttype, NULL) || ', '
                    || format_type(a.amprocrighttype, NULL) || ') ' || a.amproc::regprocedure
             FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid
                  AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
             ORDER BY a.amprocnum) AS functions
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
LEFT JOIN pg_roles o ON o.oid = c.opcowner
WHERE c.opcnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_opclass'::regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY n.nspname, c.opcname, am.amname
