-- The numbers of a key run out.
--
-- A sequence has given out more than half of what its column's type can hold. When it reaches the end every INSERT
-- fails, and changing the type of a large table's key takes planning: begin while there is time.
-- `lockgate plan "ALTER TABLE t ALTER COLUMN id TYPE bigint"` gives the phases.
--
-- - https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT
WITH numbered AS (
    SELECT n.nspname AS schema, c.relname AS name, a.attname AS column, format_type(a.atttypid, NULL) AS type,
           CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END AS largest,
           pg_sequence_last_value(s.oid) AS last
    FROM pg_class s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class c ON c.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE s.relkind = 'S'
      AND n.nspname = ANY (%(schemas)s::text[])
      AND a.atttypid IN ('int2'::regtype, 'int4'::regtype)
      AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END
)
SELECT format('%%I.%%I.%%I has used more than half of the numbers of its type %%s (%%s of %%s).',
              schema, name, "column", type, last, largest) AS message,
       'At the last number every INSERT fails.' AS why,
       NULL AS safe
FROM numbered
WHERE last > largest / 2
ORDER BY 1
