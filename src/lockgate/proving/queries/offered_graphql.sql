-- The names by which pg_graphql offers tables with a primary key and their columns; no row where it is not installed.
-- A name is what a comment says in @graphql({"name": …}), else that in the database, inflected where the schema says so.
WITH commented AS (
  SELECT
    c.oid,
    a.attname,
    substring(pg_catalog.obj_description(c.oid, 'pg_class') FROM '@graphql\(.*"name"\s*:\s*"([^"]+)"') AS type,
    substring(pg_catalog.col_description(c.oid, a.attnum) FROM '@graphql\(.*"name"\s*:\s*"([^"]+)"') AS field,
    pg_catalog.obj_description(n.oid, 'pg_namespace') ~ '@graphql\(.*"inflect_names"\s*:\s*true' AS inflected,
    c.relname
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname = ANY (%(schemas)s)
    AND EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_graphql')
    AND EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
    AND EXISTS (
      SELECT FROM pg_catalog.pg_roles AS r
      WHERE r.rolname = ANY (%(roles)s) AND pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
    )
),
spoken AS (
  SELECT oid, attname, relname, type, field, inflected, replace(initcap(replace(attname, '_', ' ')), ' ', '') AS camel
  FROM commented
),
named AS (
  SELECT
    coalesce(type, CASE WHEN inflected THEN replace(initcap(replace(relname, '_', ' ')), ' ', '') ELSE relname END) AS type,
    coalesce(field, CASE WHEN inflected THEN lower(left(camel, 1)) || substr(camel, 2) ELSE attname END) AS field
  FROM spoken
)
SELECT pg_catalog.format('GraphQL has the type %%s', type) FROM named
UNION
SELECT pg_catalog.format('GraphQL has the field %%s.%%s', type, field) FROM named
