-- The functions of PostGIS: what points, lines and polygons need is computed; the rest has its name and signature and
-- raises feature_not_supported. Distances of geographies are those on the ellipsoid between points, and in a plane
-- laid at the place for anything else.

CREATE FUNCTION @extschema@.spatial_points(shape text)
RETURNS TABLE (n bigint, x double precision, y double precision, z double precision)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS $body$
    SELECT ord, found[1]::double precision, found[2]::double precision, found[3]::double precision
    FROM regexp_matches(shape, '[(,]([-+0-9.eE]+) ([-+0-9.eE]+)(?: ([-+0-9.eE]+))?', 'g') WITH ORDINALITY AS m (found, ord)
$body$;

-- The edges of lines and rings; a point is an edge without length.
CREATE FUNCTION @extschema@.spatial_edges(shape text)
RETURNS TABLE (ring bigint, n bigint, x1 double precision, y1 double precision, x2 double precision, y2 double precision)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS $body$
    WITH corners AS (
        SELECT r, p.n, p.x, p.y, lead(p.x) OVER following AS xn, lead(p.y) OVER following AS yn
        FROM regexp_matches(shape, '\(([^()]+)\)', 'g') WITH ORDINALITY AS m (found, r),
             LATERAL @extschema@.spatial_points('(' || found[1]) AS p
        WINDOW following AS (PARTITION BY CASE WHEN shape ~ 'POINT' THEN p.n END, r ORDER BY p.n)
    )
    SELECT r, corners.n, x, y, coalesce(xn, x), coalesce(yn, y) FROM corners
    WHERE xn IS NOT NULL OR shape ~ 'POINT'
$body$;

-- Whether a point lies inside the rings of a polygon: an odd number of edges to its right.
CREATE FUNCTION @extschema@.spatial_holds(shape text, px double precision, py double precision)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT shape ~ 'POLYGON' AND coalesce(count(*) % 2 = 1, false)
    FROM @extschema@.spatial_edges(shape) AS e
    WHERE (y1 > py) <> (y2 > py) AND px < (x2 - x1) * (py - y1) / (y2 - y1) + x1
$body$;

CREATE FUNCTION @extschema@.spatial_to_edge(
    px double precision, py double precision,
    x1 double precision, y1 double precision, x2 double precision, y2 double precision
)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT sqrt((px - x1 - t * (x2 - x1)) ^ 2 + (py - y1 - t * (y2 - y1)) ^ 2)
    FROM (SELECT coalesce(greatest(0, least(1, ((px - x1) * (x2 - x1) + (py - y1) * (y2 - y1))
                 / nullif((x2 - x1) ^ 2 + (y2 - y1) ^ 2, 0))), 0) AS t) AS along
$body$;

-- The distance in a plane whose axes are stretched by the two factors.
CREATE FUNCTION @extschema@.spatial_distance(a text, b text, fx double precision, fy double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT CASE WHEN a ~ 'EMPTY' OR b ~ 'EMPTY' THEN NULL
        WHEN EXISTS (SELECT FROM @extschema@.spatial_points(a) AS p WHERE @extschema@.spatial_holds(b, p.x, p.y))
          OR EXISTS (SELECT FROM @extschema@.spatial_points(b) AS p WHERE @extschema@.spatial_holds(a, p.x, p.y)) THEN 0
        ELSE (
        SELECT min(CASE
            WHEN (d.x2 - d.x1) * (c.y2 - c.y1) - (d.y2 - d.y1) * (c.x2 - c.x1) <> 0 AND crossing.hit THEN 0
            ELSE least(
                @extschema@.spatial_to_edge(c.x1, c.y1, d.x1, d.y1, d.x2, d.y2),
                @extschema@.spatial_to_edge(c.x2, c.y2, d.x1, d.y1, d.x2, d.y2),
                @extschema@.spatial_to_edge(d.x1, d.y1, c.x1, c.y1, c.x2, c.y2),
                @extschema@.spatial_to_edge(d.x2, d.y2, c.x1, c.y1, c.x2, c.y2)) END)
        FROM (SELECT x1 * fx AS x1, y1 * fy AS y1, x2 * fx AS x2, y2 * fy AS y2 FROM @extschema@.spatial_edges(a)) AS c,
             (SELECT x1 * fx AS x1, y1 * fy AS y1, x2 * fx AS x2, y2 * fy AS y2 FROM @extschema@.spatial_edges(b)) AS d,
             LATERAL (SELECT
                sign((c.x2 - c.x1) * (d.y1 - c.y1) - (c.y2 - c.y1) * (d.x1 - c.x1))
                * sign((c.x2 - c.x1) * (d.y2 - c.y1) - (c.y2 - c.y1) * (d.x2 - c.x1)) <= 0
                AND sign((d.x2 - d.x1) * (c.y1 - d.y1) - (d.y2 - d.y1) * (c.x1 - d.x1))
                * sign((d.x2 - d.x1) * (c.y2 - d.y1) - (d.y2 - d.y1) * (c.x2 - d.x1)) <= 0 AS hit) AS crossing)
    END
$body$;

-- The inverse geodesic on WGS 84 by Vincenty's iteration; half the circumference where it does not converge.
CREATE FUNCTION @extschema@.spatial_geodesic(
    lon1 double precision, lat1 double precision, lon2 double precision, lat2 double precision
)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    a CONSTANT double precision := 6378137;
    f CONSTANT double precision := 1 / 298.257223563::double precision;
    b CONSTANT double precision := a * (1 - f);
    l CONSTANT double precision := radians(lon2 - lon1);
    u1 CONSTANT double precision := atan((1 - f) * tan(radians(lat1)));
    u2 CONSTANT double precision := atan((1 - f) * tan(radians(lat2)));
    lambda double precision := l;
    before double precision;
    sin_s double precision;
    cos_s double precision;
    sigma double precision;
    sin_a double precision;
    cos_a double precision;
    middle double precision;
    c double precision;
    u double precision;
BEGIN
    FOR i IN 1 .. 200 LOOP
        sin_s := sqrt((cos(u2) * sin(lambda)) ^ 2 + (cos(u1) * sin(u2) - sin(u1) * cos(u2) * cos(lambda)) ^ 2);
        IF sin_s = 0 THEN
            RETURN 0;
        END IF;
        cos_s := sin(u1) * sin(u2) + cos(u1) * cos(u2) * cos(lambda);
        sigma := atan2(sin_s, cos_s);
        sin_a := cos(u1) * cos(u2) * sin(lambda) / sin_s;
        cos_a := 1 - sin_a ^ 2;
        middle := CASE WHEN cos_a = 0 THEN 0 ELSE cos_s - 2 * sin(u1) * sin(u2) / cos_a END;
        c := f / 16 * cos_a * (4 + f * (4 - 3 * cos_a));
        before := lambda;
        lambda := l + (1 - c) * f * sin_a * (sigma + c * sin_s * (middle + c * cos_s * (2 * middle ^ 2 - 1)));
        EXIT WHEN abs(lambda - before) < 1e-12;
    END LOOP;
    IF abs(lambda - before) >= 1e-12 THEN
        RETURN pi() * b;
    END IF;
    u := cos_a * (a ^ 2 - b ^ 2) / b ^ 2;
    c := u / 1024 * (256 + u * (u * (74 - 47 * u) - 128));
    RETURN b * (1 + u / 16384 * (4096 + u * (u * (320 - 175 * u) - 768))) * (sigma - c * sin_s * (middle + c / 4 * (
        cos_s * (2 * middle ^ 2 - 1) - c / 6 * middle * (4 * sin_s ^ 2 - 3) * (4 * middle ^ 2 - 3))));
END
$body$;

-- Metres for one degree of longitude and of latitude at a shape's first point.
CREATE FUNCTION @extschema@.spatial_metres(shape text, OUT fx double precision, OUT fy double precision)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT 111319.49079327358 * cos(radians(y)), 110574.2758 + 1119.0 * sin(radians(y)) ^ 2
    FROM @extschema@.spatial_points(shape) LIMIT 1
$body$;

CREATE FUNCTION @extschema@.spatial_require(value @extschema@.geometry, other @extschema@.geometry)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    srids CONSTANT text[] := ARRAY[coalesce(substring(@extschema@.spatial_text(value), '^SRID=(\d+)'), '0'),
                                   coalesce(substring(@extschema@.spatial_text(other), '^SRID=(\d+)'), '0')];
BEGIN
    IF srids[1] <> srids[2] THEN
        RAISE EXCEPTION 'Operation on mixed SRID geometries (%, %) != (%, %)',
            split_part(regexp_replace(@extschema@.spatial_text(value), '^SRID=\d+;', ''), '(', 1), srids[1],
            split_part(regexp_replace(@extschema@.spatial_text(other), '^SRID=\d+;', ''), '(', 1), srids[2]
            USING ERRCODE = 'internal_error';
    END IF;
    RETURN true;
END
$body$;

-- A box is kept as the polygon around it.
CREATE DOMAIN @extschema@.box2d AS @extschema@.geometry;
CREATE DOMAIN @extschema@.box3d AS @extschema@.geometry;
CREATE TYPE @extschema@.geometry_dump AS (path integer[], geom @extschema@.geometry);
CREATE TYPE @extschema@.valid_detail AS (valid boolean, reason varchar, location @extschema@.geometry);

-- Not immutable, or the planner would ask for the answer before it is wanted.
CREATE FUNCTION @extschema@.spatial_refuse(name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $body$
BEGIN
    RAISE EXCEPTION '% needs the real PostGIS, which this local server does not have', name
        USING ERRCODE = 'feature_not_supported';
END
$body$;

-- name(arguments) → result: body. $1, $2, … are the arguments, T(x) is the text of one, M(x) that of its shape.
DO $functions$
DECLARE
    line text;
    parts text[];
    body text;
BEGIN
    EXECUTE 'SET LOCAL search_path TO @extschema@, pg_catalog';
    FOREACH line IN ARRAY regexp_split_to_array($list$
geography(geometry) -> geography : spatial_geography(spatial_read(T($1), -1, 4326))
geometry(geography) -> geometry : spatial_geometry(T($1))
geometry(text) -> geometry : spatial_geometry(spatial_read($1, -1, 0))
geometry(bytea) -> geometry : spatial_geometry(spatial_read(encode($1, 'hex'), -1, 0))
geography(bytea) -> geography : spatial_geography(spatial_read(encode($1, 'hex'), -1, 4326))
text(geometry) -> text : T($1)
st_setsrid(geog geography, srid integer) -> geography : spatial_geography('SRID=' || $2 || ';' || M($1))
st_setsrid(geom geometry, srid integer) -> geometry : spatial_geometry(CASE WHEN $2 = 0 THEN '' ELSE 'SRID=' || $2 || ';' END || M($1))
st_geomfromtext(text) -> geometry : spatial_geometry(spatial_read($1, -1, 0))
st_geomfromtext(text, integer) -> geometry : st_setsrid(st_geomfromtext($1), $2)
st_geometryfromtext(text) -> geometry : st_geomfromtext($1)
st_geometryfromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_geomfromewkt(text) -> geometry : st_geomfromtext($1)
st_pointfromtext(text) -> geometry : st_geomfromtext($1)
st_pointfromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_linefromtext(text) -> geometry : st_geomfromtext($1)
st_linefromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_polygonfromtext(text) -> geometry : st_geomfromtext($1)
st_polygonfromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_polyfromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_mpolyfromtext(text, integer) -> geometry : st_geomfromtext($1, $2)
st_geomfromwkb(bytea) -> geometry : geometry($1)
st_geomfromwkb(bytea, integer) -> geometry : st_setsrid(geometry($1), $2)
st_geomfromewkb(bytea) -> geometry : geometry($1)
st_geomfromgeojson(text) -> geometry : spatial_geometry(spatial_read(spatial_from_json($1::jsonb), -1, 0))
st_geomfromgeojson(json) -> geometry : st_geomfromgeojson($1::text)
st_geomfromgeojson(jsonb) -> geometry : st_geomfromgeojson($1::text)
st_geogfromtext(text) -> geography : spatial_geography(spatial_read($1, -1, 4326))
st_geographyfromtext(text) -> geography : st_geogfromtext($1)
st_makepoint(float8, float8) -> geometry : spatial_geometry(format('POINT(%s %s)', $1, $2))
st_makepoint(float8, float8, float8) -> geometry : spatial_geometry(format('POINT(%s %s %s)', $1, $2, $3))
st_makepoint(float8, float8, float8, float8) -> geometry : spatial_geometry(format('POINT(%s %s %s %s)', $1, $2, $3, $4))
st_point(float8, float8) -> geometry : st_makepoint($1, $2)
st_point(float8, float8, srid integer) -> geometry : st_setsrid(st_makepoint($1, $2), $3)
st_pointz(float8, float8, float8, srid integer = 0) -> geometry : st_setsrid(st_makepoint($1, $2, $3), $4)
st_srid(geometry) -> integer : coalesce(substring(T($1), '^SRID=(\d+)')::integer, 0)
st_srid(geography) -> integer : coalesce(substring(T($1), '^SRID=(\d+)')::integer, 4326)
st_x(geometry) -> float8 : (SELECT p.x FROM spatial_points(M($1)) AS p WHERE M($1) ~ '^POINT')
st_y(geometry) -> float8 : (SELECT p.y FROM spatial_points(M($1)) AS p WHERE M($1) ~ '^POINT')
st_astext(geometry) -> text : M($1)
st_transform(geometry, integer) -> geometry : CASE WHEN st_srid($1) = $2 THEN $1 WHEN M($1) ~ '^POINT' AND st_srid($1) IN (4326, 4269) AND $2 = 3857 THEN st_setsrid(st_makepoint(radians(st_x($1)) * 6378137, ln(tan(pi() / 4 + radians(st_y($1)) / 2)) * 6378137), $2) WHEN M($1) ~ '^POINT' AND st_srid($1) = 3857 AND $2 IN (4326, 4269) THEN st_setsrid(st_makepoint(degrees(st_x($1) / 6378137), degrees(2 * atan(exp(st_y($1) / 6378137)) - pi() / 2)), $2) WHEN spatial_refuse('ST_Transform between these systems') THEN $1 END
st_z(geometry) -> float8 : (SELECT p.z FROM spatial_points(M($1)) AS p WHERE M($1) ~ '^POINT')
st_xmin(geometry) -> float8 : (SELECT min(p.x) FROM spatial_points(M($1)) AS p)
st_xmax(geometry) -> float8 : (SELECT max(p.x) FROM spatial_points(M($1)) AS p)
st_ymin(geometry) -> float8 : (SELECT min(p.y) FROM spatial_points(M($1)) AS p)
st_ymax(geometry) -> float8 : (SELECT max(p.y) FROM spatial_points(M($1)) AS p)
st_astext(geography) -> text : M($1)
st_astext(geometry, integer) -> text : M($1)
st_astext(text) -> text : M(geometry($1))
st_asewkt(geometry) -> text : T($1)
st_asewkt(geography) -> text : T($1)
st_npoints(geometry) -> integer : (SELECT count(*)::integer FROM spatial_points(M($1)))
st_numpoints(geometry) -> integer : CASE WHEN M($1) ~ '^LINE' THEN st_npoints($1) END
st_pointn(geometry, integer) -> geometry : (SELECT st_setsrid(st_makepoint(p.x, p.y), st_srid($1)) FROM spatial_points(M($1)) AS p WHERE p.n = CASE WHEN $2 < 0 THEN st_npoints($1) + 1 + $2 ELSE $2 END)
st_startpoint(geometry) -> geometry : st_pointn($1, 1)
st_endpoint(geometry) -> geometry : st_pointn($1, -1)
st_geometrytype(geometry) -> text : 'ST_' || (SELECT k FROM unnest(spatial_kinds()) AS k WHERE upper(k) = substring(M($1), '^[A-Z]+'))
geometrytype(geometry) -> text : substring(M($1), '^[A-Z]+')
geometrytype(geography) -> text : substring(M($1), '^[A-Z]+')
st_dimension(geometry) -> integer : CASE WHEN M($1) ~ 'POLYGON' THEN 2 WHEN M($1) ~ 'LINE' THEN 1 ELSE 0 END
st_isempty(geometry) -> boolean : M($1) ~ 'EMPTY'
st_isvalid(geometry) -> boolean : NOT EXISTS (SELECT FROM regexp_matches(M($1), '\(([^()]+)\)', 'g') AS r (ring) WHERE M($1) ~ 'POLYGON' AND split_part(ring[1], ',', 1) <> split_part(ring[1], ',', -1))
st_isvalidreason(geometry) -> text : CASE WHEN st_isvalid($1) THEN 'Valid Geometry' ELSE 'Ring not closed' END
st_makevalid(geometry) -> geometry : CASE WHEN st_isvalid($1) OR spatial_refuse('ST_MakeValid') THEN $1 END
st_force2d(geometry) -> geometry : spatial_geometry(regexp_replace(regexp_replace(T($1), '([(,][-+0-9.eE]+ [-+0-9.eE]+)( [-+0-9.eE]+)+', '\1', 'g'), ' ZM?', ''))
st_flipcoordinates(geometry) -> geometry : spatial_geometry(regexp_replace(T($1), '([(,])([-+0-9.eE]+) ([-+0-9.eE]+)', '\1\3 \2', 'g'))
st_multi(geometry) -> geometry : CASE WHEN M($1) ~ '^(MULTI|GEOM)' THEN $1 ELSE spatial_geometry(regexp_replace(T($1), '(POINT|LINESTRING|POLYGON)(.*)', CASE WHEN M($1) ~ '^POINT' THEN 'MULTI\1\2' ELSE 'MULTI\1(\2)' END)) END
st_makeenvelope(float8, float8, float8, float8, integer = 0) -> geometry : st_setsrid(spatial_geometry(format('POLYGON((%1$s %2$s,%1$s %4$s,%3$s %4$s,%3$s %2$s,%1$s %2$s))', $1, $2, $3, $4)), $5)
st_makebox2d(geom1 geometry, geom2 geometry) -> box2d : st_makeenvelope(st_x($1), st_y($1), st_x($2), st_y($2), st_srid($1))
st_envelope(geometry) -> geometry : CASE WHEN M($1) ~ '^POINT|EMPTY' THEN $1 ELSE st_makeenvelope(st_xmin($1), st_ymin($1), st_xmax($1), st_ymax($1), st_srid($1)) END
box2d(geometry) -> box2d : st_envelope($1)
st_expand(geometry, float8) -> geometry : st_makeenvelope(st_xmin($1) - $2, st_ymin($1) - $2, st_xmax($1) + $2, st_ymax($1) + $2, st_srid($1))
st_makeline(geometry[]) -> geometry : (SELECT st_setsrid(spatial_geometry('LINESTRING(' || string_agg(p.x || ' ' || p.y, ',' ORDER BY i.n, p.n) || ')'), max(st_srid(i.g))) FROM unnest($1) WITH ORDINALITY AS i (g, n), spatial_points(M(i.g)) AS p)
st_makepolygon(geometry) -> geometry : spatial_geometry(regexp_replace(T($1), 'LINESTRING(.*)', 'POLYGON(\1)'))
st_polygon(geometry, integer) -> geometry : st_setsrid(st_makepolygon($1), $2)
st_exteriorring(geometry) -> geometry : CASE WHEN M($1) ~ '^POLYGON' THEN st_setsrid(spatial_geometry('LINESTRING' || substring(M($1), '\([^()]+\)')), st_srid($1)) END
st_collect(geometry[]) -> geometry : (SELECT st_setsrid(spatial_geometry(CASE WHEN count(DISTINCT substring(M(g), '^[A-Z]+')) = 1 AND bool_and(M(g) ~ '^(POINT|LINESTRING|POLYGON)\(') THEN 'MULTI' || max(substring(M(g), '^[A-Z]+')) || '(' || string_agg(CASE WHEN M(g) ~ '^POINT' THEN regexp_replace(M(g), '^POINT\((.*)\)', '\1') ELSE regexp_replace(M(g), '^[A-Z]+', '') END, ',' ORDER BY n) || ')' ELSE 'GEOMETRYCOLLECTION(' || string_agg(M(g), ',' ORDER BY n) || ')' END), max(st_srid(g))) FROM unnest($1) WITH ORDINALITY AS i (g, n) WHERE g IS NOT NULL)
st_collect(geometry, geometry) -> geometry : st_collect(ARRAY[$1, $2])
st_numgeometries(geometry) -> integer : CASE WHEN M($1) ~ 'EMPTY' THEN 0 WHEN M($1) ~ '^MULTIPOINT' THEN st_npoints($1) WHEN M($1) ~ '^MULTILINE' THEN (SELECT count(*)::integer FROM regexp_matches(M($1), '\([^()]', 'g')) WHEN M($1) ~ '^MULTIPOLY' THEN (SELECT count(*)::integer FROM regexp_matches(M($1), '\)\)', 'g')) ELSE 1 END
st_centroid(geometry) -> geometry : (SELECT st_setsrid(CASE WHEN M($1) ~ 'POLYGON' AND sum(e.x1 * e.y2 - e.x2 * e.y1) <> 0 THEN st_makepoint(sum((e.x1 + e.x2) * (e.x1 * e.y2 - e.x2 * e.y1)) / (3 * sum(e.x1 * e.y2 - e.x2 * e.y1)), sum((e.y1 + e.y2) * (e.x1 * e.y2 - e.x2 * e.y1)) / (3 * sum(e.x1 * e.y2 - e.x2 * e.y1))) WHEN sum(sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)) > 0 THEN st_makepoint(sum((e.x1 + e.x2) / 2 * sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)) / sum(sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)), sum((e.y1 + e.y2) / 2 * sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)) / sum(sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2))) ELSE st_makepoint(avg(e.x1), avg(e.y1)) END, st_srid($1)) FROM spatial_edges(M($1)) AS e)
st_centroid(geography, use_spheroid boolean = true) -> geography : geography(st_centroid(spatial_geometry(T($1))))
st_area(geometry) -> float8 : (SELECT coalesce(abs(sum(e.x1 * e.y2 - e.x2 * e.y1)) / 2, 0) FROM spatial_edges(M($1)) AS e WHERE M($1) ~ 'POLYGON')
st_area(geog geography, use_spheroid boolean = true) -> float8 : (SELECT coalesce(abs(sum((e.x1 - o.x) * (e.y2 - o.y) - (e.x2 - o.x) * (e.y1 - o.y))) / 2, 0) * max(m.fx * m.fy) FROM spatial_edges(M($1)) AS e, (SELECT x, y FROM spatial_points(M($1)) LIMIT 1) AS o, spatial_metres(M($1)) AS m WHERE M($1) ~ 'POLYGON')
st_length(geometry) -> float8 : (SELECT coalesce(sum(sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)), 0) FROM spatial_edges(M($1)) AS e WHERE M($1) !~ 'POLYGON')
st_length(geog geography, use_spheroid boolean = true) -> float8 : (SELECT coalesce(sum(spatial_geodesic(e.x1, e.y1, e.x2, e.y2)), 0) FROM spatial_edges(M($1)) AS e WHERE M($1) !~ 'POLYGON')
st_perimeter(geometry) -> float8 : (SELECT coalesce(sum(sqrt((e.x2 - e.x1) ^ 2 + (e.y2 - e.y1) ^ 2)), 0) FROM spatial_edges(M($1)) AS e WHERE M($1) ~ 'POLYGON')
st_perimeter(geog geography, use_spheroid boolean = true) -> float8 : (SELECT coalesce(sum(spatial_geodesic(e.x1, e.y1, e.x2, e.y2)), 0) FROM spatial_edges(M($1)) AS e WHERE M($1) ~ 'POLYGON')
st_distance(geom1 geometry, geom2 geometry) -> float8 : CASE WHEN spatial_require($1, $2) THEN spatial_distance(M($1), M($2), 1, 1) END
st_distance(geog1 geography, geog2 geography, use_spheroid boolean = true) -> float8 : CASE WHEN M($1) ~ '^POINT' AND M($2) ~ '^POINT' THEN (SELECT spatial_geodesic(p.x, p.y, q.x, q.y) FROM spatial_points(M($1)) AS p, spatial_points(M($2)) AS q) ELSE (SELECT spatial_distance(M($1), M($2), m.fx, m.fy) FROM spatial_metres(M($1)) AS m) END
st_distancespheroid(geom1 geometry, geom2 geometry) -> float8 : st_distance(geography($1), geography($2))
st_distancesphere(geom1 geometry, geom2 geometry) -> float8 : 2 * 6371008.771415059 * asin(sqrt(sin(radians(st_y($2) - st_y($1)) / 2) ^ 2 + cos(radians(st_y($1))) * cos(radians(st_y($2))) * sin(radians(st_x($2) - st_x($1)) / 2) ^ 2))
st_dwithin(geom1 geometry, geom2 geometry, float8) -> boolean : st_distance($1, $2) <= $3
st_dwithin(geog1 geography, geog2 geography, tolerance float8, use_spheroid boolean = true) -> boolean : st_distance($1, $2) <= $3
st_intersects(geom1 geometry, geom2 geometry) -> boolean : coalesce(st_distance($1, $2) = 0, false)
st_intersects(geog1 geography, geog2 geography) -> boolean : coalesce(st_distance($1, $2) = 0, false)
st_disjoint(geom1 geometry, geom2 geometry) -> boolean : NOT st_intersects($1, $2)
st_covers(geom1 geometry, geom2 geometry) -> boolean : spatial_require($1, $2) AND (SELECT bool_and(spatial_distance(M($1), format('POINT(%s %s)', p.x, p.y), 1, 1) = 0) FROM spatial_points(M($2)) AS p)
st_covers(geog1 geography, geog2 geography) -> boolean : st_covers(spatial_geometry(T($1)), spatial_geometry(T($2)))
st_coveredby(geom1 geometry, geom2 geometry) -> boolean : st_covers($2, $1)
st_coveredby(geog1 geography, geog2 geography) -> boolean : st_covers($2, $1)
st_contains(geom1 geometry, geom2 geometry) -> boolean : st_covers($1, $2) AND (M($1) !~ 'POLYGON' OR M($2) !~ '^POINT' OR spatial_holds(M($1), st_x($2), st_y($2)))
st_within(geom1 geometry, geom2 geometry) -> boolean : st_contains($2, $1)
st_equals(geom1 geometry, geom2 geometry) -> boolean : M($1) = M($2) OR st_covers($1, $2) AND st_covers($2, $1)
st_azimuth(geom1 geometry, geom2 geometry) -> float8 : (CASE WHEN atan2(st_x($2) - st_x($1), st_y($2) - st_y($1)) < 0 THEN 2 * pi() ELSE 0 END) + atan2(st_x($2) - st_x($1), st_y($2) - st_y($1))
st_asgeojson(geom geometry, maxdecimaldigits integer = 9, options integer = 8) -> text : '{"type":"' || (SELECT k FROM unnest(spatial_kinds()) AS k WHERE upper(k) = substring(M($1), '^[A-Z]+')) || '","coordinates":' || (SELECT CASE WHEN M($1) ~ '^POINT' THEN substr(j, 2, length(j) - 2) ELSE j END FROM (SELECT translate(regexp_replace(regexp_replace(substring(M($1), '\(.*\)'), '([-+0-9.eE]+(?: [-+0-9.eE]+)+)', '[\1]', 'g'), ' ', ',', 'g'), '()', '[]') AS j) AS s) || '}'
st_asgeojson(geog geography, maxdecimaldigits integer = 9, options integer = 0) -> text : st_asgeojson(spatial_geometry(T($1)), $2, $3)
st_asgeojson(text) -> text : st_asgeojson(geometry($1))
geometry(point) -> geometry : st_makepoint($1[0], $1[1])
jsonb(geometry) -> jsonb : st_asgeojson($1)::jsonb
json(geometry) -> json : st_asgeojson($1)::json
point(geometry) -> point : point(st_x($1), st_y($1))
st_translate(geometry, float8, float8) -> geometry : (SELECT CASE WHEN M($1) ~ '^POINT' THEN st_setsrid(st_makepoint(p.x + $2, p.y + $3), st_srid($1)) WHEN spatial_refuse('ST_Translate') THEN $1 END FROM spatial_points(M($1)) AS p LIMIT 1)
st_simplify(geometry, float8) -> geometry : CASE WHEN M($1) ~ '^POINT' OR $2 = 0 OR spatial_refuse('ST_Simplify') THEN $1 END
st_simplify(geometry, float8, boolean) -> geometry : st_simplify($1, $2)
st_simplifypreservetopology(geometry, float8) -> geometry : st_simplify($1, $2)
spatial_overlap(geometry, geometry) -> boolean : spatial_require($1, $2) AND st_xmin($1) <= st_xmax($2) AND st_xmin($2) <= st_xmax($1) AND st_ymin($1) <= st_ymax($2) AND st_ymin($2) <= st_ymax($1)
spatial_overlap(geography, geography) -> boolean : spatial_overlap(spatial_geometry(T($1)), spatial_geometry(T($2)))
spatial_boxed(geometry, geometry) -> boolean : spatial_require($1, $2) AND st_xmin($1) >= st_xmin($2) AND st_xmax($1) <= st_xmax($2) AND st_ymin($1) >= st_ymin($2) AND st_ymax($1) <= st_ymax($2)
spatial_boxes(geometry, geometry) -> boolean : spatial_boxed($2, $1)
spatial_near(geometry, geometry) -> float8 : st_distance($1, $2)
spatial_near(geography, geography) -> float8 : st_distance($1, $2)
postgis_version() -> text : '3.3 USE_GEOS=0 USE_PROJ=0 USE_STATS=0'
postgis_lib_version() -> text : '3.3.7'
postgis_full_version() -> text : 'POSTGIS="3.3.7" (local substitute)'
st_buffer(geom geometry, radius float8, options text = '') -> geometry !
st_buffer(geom geometry, radius float8, quadsegs integer) -> geometry !
st_buffer(geography, float8) -> geography !
st_intersection(geom1 geometry, geom2 geometry, gridsize float8 = -1) -> geometry !
st_intersection(geography, geography) -> geography !
st_difference(geom1 geometry, geom2 geometry, gridsize float8 = -1) -> geometry !
st_symdifference(geom1 geometry, geom2 geometry, gridsize float8 = -1) -> geometry !
st_union(geom1 geometry, geom2 geometry) -> geometry !
st_union(geometry[]) -> geometry !
st_unaryunion(geometry, gridsize float8 = -1) -> geometry !
st_touches(geom1 geometry, geom2 geometry) -> boolean !
st_overlaps(geom1 geometry, geom2 geometry) -> boolean !
st_crosses(geom1 geometry, geom2 geometry) -> boolean !
st_convexhull(geometry) -> geometry !
st_concavehull(geometry, float8, boolean = false) -> geometry !
st_pointonsurface(geometry) -> geometry !
st_boundary(geometry) -> geometry !
st_snaptogrid(geometry, float8) -> geometry !
st_snaptogrid(geometry, float8, float8) -> geometry !
st_reduceprecision(geometry, float8) -> geometry !
st_segmentize(geometry, float8) -> geometry !
st_segmentize(geography, float8) -> geography !
st_reverse(geometry) -> geometry !
st_lineinterpolatepoint(geometry, float8) -> geometry !
st_linelocatepoint(geom1 geometry, geom2 geometry) -> float8 !
st_linesubstring(geometry, float8, float8) -> geometry !
st_linemerge(geometry) -> geometry !
st_closestpoint(geom1 geometry, geom2 geometry) -> geometry !
st_shortestline(geom1 geometry, geom2 geometry) -> geometry !
st_project(geography, float8, float8) -> geography !
st_azimuth(geog1 geography, geog2 geography) -> float8 !
st_geometryn(geometry, integer) -> geometry !
st_interiorringn(geometry, integer) -> geometry !
st_numinteriorrings(geometry) -> integer !
st_scale(geometry, float8, float8) -> geometry !
st_rotate(geometry, float8) -> geometry !
st_collectionextract(geometry, integer) -> geometry !
st_geohash(geom geometry, maxchars integer = 0) -> text !
st_geohash(geog geography, maxchars integer = 0) -> text !
st_geomfromgeohash(text, integer = NULL) -> geometry !
st_pointfromgeohash(text, integer = NULL) -> geometry !
st_geomfromkml(text) -> geometry !
st_geomfromgml(text) -> geometry !
st_askml(geometry, integer = 15, nprefix text = '') -> text !
st_asgml(geometry, integer = 15, options integer = 0) -> text !
st_assvg(geom geometry, rel integer = 0, maxdecimaldigits integer = 15) -> text !
st_asbinary(geometry) -> bytea !
st_asbinary(geography) -> bytea !
st_asewkb(geometry) -> bytea !
st_ashexewkb(geometry) -> text !
st_asmvtgeom(geom geometry, bounds geometry, extent integer = 4096, buffer integer = 256, clip_geom boolean = true) -> geometry !
st_tileenvelope(zoom integer, x integer, y integer) -> geometry !
st_asencodedpolyline(geom geometry, integer = 5) -> text !
st_linefromencodedpolyline(text, integer = 5) -> geometry !
st_hausdorffdistance(geom1 geometry, geom2 geometry) -> float8 !
st_frechetdistance(geom1 geometry, geom2 geometry, float8 = -1) -> float8 !
st_maxdistance(geom1 geometry, geom2 geometry) -> float8 !
st_relate(geom1 geometry, geom2 geometry) -> text !
st_relate(geom1 geometry, geom2 geometry, text) -> boolean !
st_dump(geometry) -> SETOF geometry_dump !
st_dumppoints(geometry) -> SETOF geometry_dump !
st_dumprings(geometry) -> SETOF geometry_dump !
st_subdivide(geom geometry, maxvertices integer = 256, gridsize float8 = -1) -> SETOF geometry !
st_hexagongrid(size float8, bounds geometry, OUT geom geometry, OUT i integer, OUT j integer) -> SETOF record !
st_squaregrid(size float8, bounds geometry, OUT geom geometry, OUT i integer, OUT j integer) -> SETOF record !
st_generatepoints(geometry, integer) -> geometry !
st_voronoipolygons(g1 geometry, tolerance float8 = 0.0, extend_to geometry = NULL) -> geometry !
st_delaunaytriangles(g1 geometry, tolerance float8 = 0.0, flags integer = 0) -> geometry !
$list$, E'\n') LOOP
        CONTINUE WHEN line = '';
        parts := regexp_match(line, '^(\w+)(\(.*?\)) -> ((?:SETOF )?\w+(?:\[\])?) (?:: (.*)|!)$');
        body := coalesce(
            parts[4],
            CASE WHEN parts[3] LIKE 'SETOF %' THEN format('NULL WHERE spatial_refuse(%L)', parts[1])
                 ELSE format('CASE WHEN spatial_refuse(%L) THEN NULL::%s END', parts[1], parts[3]) END);
        body := regexp_replace(body, '\mM\((\$\d|g|i\.g|geometry\(\$1\))\)', 'regexp_replace(T(\1), ''^SRID=\d+;'', '''')', 'g');
        body := regexp_replace(body, '\mT\(', 'spatial_text(', 'g');
        IF parts[3] = 'SETOF geometry_dump' THEN
            body := replace(body, 'NULL WHERE', 'NULL::integer[], NULL::geometry WHERE');
        ELSIF parts[3] = 'SETOF record' THEN
            body := replace(body, 'NULL WHERE', 'NULL::geometry, 0, 0 WHERE');
        ELSIF parts[3] = 'SETOF geometry' THEN
            body := replace(body, 'NULL WHERE', 'NULL::geometry WHERE');
        END IF;
        EXECUTE format('CREATE FUNCTION @extschema@.%s%s RETURNS %s LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE%s',
                       parts[1], parts[2], parts[3],
                       CASE WHEN parts[3] LIKE 'SETOF %' THEN ' BEGIN ATOMIC SELECT ' || body || '; END'
                            ELSE ' RETURN ' || body END);
    END LOOP;
END
$functions$;
