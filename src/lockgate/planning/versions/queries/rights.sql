DO $lockgate$
DECLARE
  entry record;
BEGIN
  FOR entry IN
    WITH called (shown_by, name, behind) AS (
      VALUES (NULL::name, NULL::name, NULL::name){called}
    ), shown AS (
      SELECT v.oid, v.relname, format('%I.%I', {schema}, v.relname) AS name, v.relowner, v.relacl,
        b.oid AS behind, coalesce(b.relacl, acldefault('r', b.relowner)) AS acl
      FROM pg_class v
      JOIN pg_class b ON b.oid = (
        SELECT d.refobjid
        FROM pg_rewrite w
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = v.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
        LIMIT 1
      )
      WHERE v.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = {schema}) AND v.relname IN ({views})
    ), columns AS (
      SELECT s.name, s.relowner, s.behind, a.attnum, a.attacl, n.attname
      FROM shown s
      JOIN pg_attribute a ON a.attrelid = s.behind AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN called c ON c.shown_by = s.relname AND c.behind = a.attname
      JOIN pg_attribute n ON n.attrelid = s.oid AND n.attname = coalesce(c.name, a.attname)
    ), lists (is_own, name, part, owner, acl) AS (
      SELECT true, format('SCHEMA %I', v.nspname), '', v.nspowner, v.nspacl
      FROM pg_namespace v WHERE v.nspname = {schema}
      UNION ALL
      SELECT true, name, '', relowner, relacl FROM shown
      UNION ALL
      SELECT false, format('SCHEMA %I', v.nspname), '', v.nspowner, coalesce(b.nspacl, acldefault('n', b.nspowner))
      FROM pg_namespace v, pg_namespace b WHERE v.nspname = {schema} AND b.nspname = {behind}
      UNION ALL
      SELECT false, name, '', relowner, acl FROM shown
      UNION ALL
      SELECT false, name, format(' (%I)', attname), relowner, attacl FROM columns
    ), rights AS (
      SELECT l.is_own, l.name, a.privilege_type || l.part AS privilege,
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
        CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option
      FROM lists l, aclexplode(l.acl) a
      WHERE a.grantee <> l.owner
        AND (l.is_own OR a.privilege_type IN ('USAGE', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'))
    )
    SELECT 1 AS place, format('REVOKE ALL ON %s FROM %s', name, grantee) AS command FROM rights WHERE is_own
    UNION
    SELECT 2, format('GRANT %s ON %s TO %s%s', privilege, name, grantee, option) FROM rights WHERE NOT is_own
    UNION
    SELECT 3, format('COMMENT ON VIEW %s IS %L', name, obj_description(behind, 'pg_class'))
    FROM shown WHERE obj_description(behind, 'pg_class') IS NOT NULL
    UNION
    SELECT 3, format('COMMENT ON COLUMN %s.%I IS %L', name, attname, col_description(behind, attnum))
    FROM columns WHERE col_description(behind, attnum) IS NOT NULL
    ORDER BY 1
  LOOP
    EXECUTE entry.command;
  END LOOP;
END
$lockgate$
