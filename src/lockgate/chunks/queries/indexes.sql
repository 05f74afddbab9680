SELECT
  i.indexrelid::regclass::text AS name,
  am.amname AS method,
  i.indisprimary AS is_primary,
  i.indisunique AS is_unique,
  i.indisvalid AND i.indisready AS valid,
  i.indimmediate AS immediate,
  i.indpred IS NOT NULL AS partial,
  i.indexprs IS NOT NULL AS expression,
  -- The columns of the key, in order; those that are only included, or part of an expression, are not among them.
  ARRAY(
    SELECT a.attname::text
    FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    ORDER BY k.place
  ) AS key_columns,
  -- Every column that the index depends on, in its key, its expressions or its predicate.
  ARRAY(
    SELECT DISTINCT a.attname::text
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
    UNION
    SELECT a.attname::text FROM unnest(i.indkey) AS k (attnum)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  ) AS touched_columns,
  NOT EXISTS (
    SELECT FROM unnest(i.indclass) AS o (oid) JOIN pg_catalog.pg_opclass AS c ON c.oid = o.oid WHERE NOT c.opcdefault
  ) AND NOT EXISTS (
    SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1], i.indcollation[0:i.indnkeyatts - 1]) AS k (attnum, collation_oid)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE a.attcollation <> k.collation_oid
  ) AND (SELECT count(DISTINCT o & 1) = 1 FROM unnest(i.indoption[0:i.indnkeyatts - 1]) AS p (o)) AS ordinary_order
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
WHERE i.indrelid = %(table)s::oid
ORDER BY i.indisprimary DESC, i.indexrelid
