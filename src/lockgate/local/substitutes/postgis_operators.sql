-- Operators, casts, aggregates, and the table and views that PostGIS brings along.

CREATE OPERATOR @extschema@.&& (LEFTARG = @extschema@.geometry, RIGHTARG = @extschema@.geometry, FUNCTION = @extschema@.spatial_overlap, COMMUTATOR = OPERATOR(@extschema@.&&));
CREATE OPERATOR @extschema@.&& (LEFTARG = @extschema@.geography, RIGHTARG = @extschema@.geography, FUNCTION = @extschema@.spatial_overlap, COMMUTATOR = OPERATOR(@extschema@.&&));
CREATE OPERATOR @extschema@.@ (LEFTARG = @extschema@.geometry, RIGHTARG = @extschema@.geometry, FUNCTION = @extschema@.spatial_boxed);
CREATE OPERATOR @extschema@.~ (LEFTARG = @extschema@.geometry, RIGHTARG = @extschema@.geometry, FUNCTION = @extschema@.spatial_boxes);
CREATE OPERATOR @extschema@.<-> (LEFTARG = @extschema@.geometry, RIGHTARG = @extschema@.geometry, FUNCTION = @extschema@.spatial_near, COMMUTATOR = OPERATOR(@extschema@.<->));
CREATE OPERATOR @extschema@.<-> (LEFTARG = @extschema@.geography, RIGHTARG = @extschema@.geography, FUNCTION = @extschema@.spatial_near, COMMUTATOR = OPERATOR(@extschema@.<->));

CREATE CAST (@extschema@.geometry AS @extschema@.geography) WITH FUNCTION @extschema@.geography(@extschema@.geometry) AS IMPLICIT;
CREATE CAST (@extschema@.geography AS @extschema@.geometry) WITH FUNCTION @extschema@.geometry(@extschema@.geography);
CREATE CAST (text AS @extschema@.geometry) WITH FUNCTION @extschema@.geometry(text) AS IMPLICIT;
CREATE CAST (@extschema@.geometry AS text) WITH FUNCTION @extschema@.text(@extschema@.geometry) AS IMPLICIT;
CREATE CAST (bytea AS @extschema@.geometry) WITH FUNCTION @extschema@.geometry(bytea) AS IMPLICIT;
CREATE CAST (bytea AS @extschema@.geography) WITH FUNCTION @extschema@.geography(bytea) AS IMPLICIT;
CREATE CAST (@extschema@.geometry AS json) WITH FUNCTION @extschema@.json(@extschema@.geometry);
CREATE CAST (@extschema@.geometry AS jsonb) WITH FUNCTION @extschema@.jsonb(@extschema@.geometry);
CREATE CAST (@extschema@.geometry AS point) WITH FUNCTION @extschema@.point(@extschema@.geometry);
CREATE CAST (point AS @extschema@.geometry) WITH FUNCTION @extschema@.geometry(point);

CREATE FUNCTION @extschema@.st_makeline(geom1 @extschema@.geometry, geom2 @extschema@.geometry)
RETURNS @extschema@.geometry LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.st_makeline(ARRAY[geom1, geom2]);
CREATE FUNCTION @extschema@.spatial_gather(items @extschema@.geometry[], item @extschema@.geometry)
RETURNS @extschema@.geometry[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN item IS NULL THEN items ELSE array_append(items, item) END;
CREATE FUNCTION @extschema@.spatial_extent(items @extschema@.geometry[])
RETURNS @extschema@.geometry LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.st_envelope(@extschema@.st_collect(items));
CREATE AGGREGATE @extschema@.st_collect(@extschema@.geometry) (
    SFUNC = @extschema@.spatial_gather, STYPE = @extschema@.geometry[], FINALFUNC = @extschema@.st_collect);
CREATE AGGREGATE @extschema@.st_makeline(@extschema@.geometry) (
    SFUNC = @extschema@.spatial_gather, STYPE = @extschema@.geometry[], FINALFUNC = @extschema@.st_makeline);
CREATE AGGREGATE @extschema@.st_union(@extschema@.geometry) (
    SFUNC = @extschema@.spatial_gather, STYPE = @extschema@.geometry[], FINALFUNC = @extschema@.st_union);
CREATE AGGREGATE @extschema@.st_extent(@extschema@.geometry) (
    SFUNC = @extschema@.spatial_gather, STYPE = @extschema@.geometry[], FINALFUNC = @extschema@.spatial_extent);

-- Tiles and clusters: names that functions of a project may use, and that raise when they are called.
CREATE FUNCTION @extschema@.spatial_tile_step(state bytea, item anyelement) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN @extschema@.spatial_refuse(''st_asmvt'') THEN state END';
CREATE FUNCTION @extschema@.spatial_tile_step(state bytea, item anyelement, text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN @extschema@.spatial_refuse(''st_asmvt'') THEN state END';
CREATE FUNCTION @extschema@.spatial_tile_step(state bytea, item anyelement, text, integer, text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN @extschema@.spatial_refuse(''st_asmvt'') THEN state END';
CREATE AGGREGATE @extschema@.st_asmvt(anyelement) (SFUNC = @extschema@.spatial_tile_step, STYPE = bytea);
CREATE AGGREGATE @extschema@.st_asmvt(anyelement, text) (SFUNC = @extschema@.spatial_tile_step, STYPE = bytea);
CREATE AGGREGATE @extschema@.st_asmvt(anyelement, text, integer, text) (
    SFUNC = @extschema@.spatial_tile_step, STYPE = bytea);
CREATE FUNCTION @extschema@.spatial_cluster_step(
    state integer, item @extschema@.geometry, eps double precision, minpoints integer
)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN @extschema@.spatial_refuse('st_clusterdbscan') THEN state END;
CREATE AGGREGATE @extschema@.st_clusterdbscan(@extschema@.geometry, eps double precision, minpoints integer) (
    SFUNC = @extschema@.spatial_cluster_step, STYPE = integer);
CREATE FUNCTION @extschema@.spatial_cluster_step(state integer, item @extschema@.geometry, k integer)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN @extschema@.spatial_refuse('st_clusterkmeans') THEN state END;
CREATE AGGREGATE @extschema@.st_clusterkmeans(@extschema@.geometry, k integer) (
    SFUNC = @extschema@.spatial_cluster_step, STYPE = integer);

CREATE TABLE @extschema@.spatial_ref_sys (
    srid integer NOT NULL CONSTRAINT spatial_ref_sys_pkey PRIMARY KEY CHECK (srid > 0 AND srid <= 998999),
    auth_name varchar(256),
    auth_srid integer,
    srtext varchar(2048),
    proj4text varchar(2048)
);
INSERT INTO @extschema@.spatial_ref_sys (srid, auth_name, auth_srid, proj4text) VALUES
    (4326, 'EPSG', 4326, '+proj=longlat +datum=WGS84 +no_defs'),
    (4269, 'EPSG', 4269, '+proj=longlat +datum=NAD83 +no_defs'),
    (3857, 'EPSG', 3857, '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +no_defs');
GRANT SELECT ON @extschema@.spatial_ref_sys TO PUBLIC;

CREATE VIEW @extschema@.geometry_columns AS
SELECT current_database()::varchar(256) AS f_table_catalog, n.nspname AS f_table_schema, c.relname AS f_table_name,
       a.attname AS f_geometry_column, 2 + (a.atttypmod & 3 <> 0)::integer AS coord_dimension,
       CASE WHEN a.atttypmod < 0 THEN 0 ELSE a.atttypmod >> 8 END AS srid,
       coalesce(upper((@extschema@.spatial_kinds())[(a.atttypmod >> 2) & 63]), 'GEOMETRY')::varchar(30) AS type
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = ANY (ARRAY['r', 'v', 'm', 'f', 'p']::"char"[])
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.atttypid = '@extschema@.geometry'::regtype AND NOT a.attisdropped AND NOT pg_is_other_temp_schema(n.oid)
  AND has_table_privilege(c.oid, 'SELECT');
CREATE VIEW @extschema@.geography_columns AS
SELECT current_database() AS f_table_catalog, n.nspname AS f_table_schema, c.relname AS f_table_name,
       a.attname AS f_geography_column, 2 + (a.atttypmod & 3 <> 0)::integer AS coord_dimension,
       CASE WHEN a.atttypmod < 0 THEN 4326 ELSE a.atttypmod >> 8 END AS srid,
       coalesce((@extschema@.spatial_kinds())[(a.atttypmod >> 2) & 63], 'Geometry') AS type
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = ANY (ARRAY['r', 'v', 'm', 'f', 'p']::"char"[])
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.atttypid = '@extschema@.geography'::regtype AND NOT a.attisdropped AND NOT pg_is_other_temp_schema(n.oid)
  AND has_table_privilege(c.oid, 'SELECT');
GRANT SELECT ON @extschema@.geometry_columns, @extschema@.geography_columns TO PUBLIC;
