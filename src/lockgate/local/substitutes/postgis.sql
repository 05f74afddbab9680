-- Geometries and geographies kept as EWKT text, with the real types, type modifiers, casts and checks of input.
-- A search tree cannot be had in SQL: a GiST index keeps the values in byte order and speeds nothing up.

CREATE TYPE @extschema@.geometry;
CREATE TYPE @extschema@.geography;

-- What both types are read, kept and shown with. The functions below are declared with text where a type's own
-- functions have a C string, which SQL may not ask for; the catalog is told the truth afterwards.
CREATE FUNCTION @extschema@.spatial_kinds() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon', 'GeometryCollection',
             'CircularString', 'CompoundCurve', 'CurvePolygon', 'MultiCurve', 'MultiSurface', 'PolyhedralSurface',
             'Triangle', 'Tin'];

-- The bits of PostGIS's own modifier: SRID from 8, kind from 2, Z in 1, M in 0.
CREATE FUNCTION @extschema@.geometry_typmod_in(parts text[]) RETURNS integer LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    items CONSTANT text[] := parts::text[];
    wanted CONSTANT text[] := regexp_match(lower(items[1]), '^\s*(\w+?)\s*(zm|z|m)?\s*$');
    kind CONSTANT integer := coalesce(array_position(
        (SELECT array_agg(lower(k)) FROM unnest(@extschema@.spatial_kinds()) AS k), wanted[1]), 0);
BEGIN
    IF kind = 0 AND wanted[1] IS DISTINCT FROM 'geometry' OR cardinality(items) > 2 THEN
        RAISE EXCEPTION 'Invalid geometry type modifier: %', items[1] USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN (coalesce(items[2]::integer, 0) << 8) | (kind << 2)
           | CASE wanted[2] WHEN 'zm' THEN 3 WHEN 'z' THEN 2 WHEN 'm' THEN 1 ELSE 0 END;
END
$body$;

CREATE FUNCTION @extschema@.geography_typmod_in(parts text[]) RETURNS integer LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    modifier CONSTANT integer := @extschema@.geometry_typmod_in(parts);
BEGIN
    RETURN CASE WHEN modifier >> 8 = 0 THEN modifier | (4326 << 8) ELSE modifier END;
END
$body$;

CREATE FUNCTION @extschema@.spatial_typmod_out(modifier integer) RETURNS name LANGUAGE sql
IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT CASE WHEN modifier >> 8 = 0 AND modifier & 255 = 0 THEN ''
                    ELSE '(' || coalesce((@extschema@.spatial_kinds())[(modifier >> 2) & 63], 'Geometry')
                         || CASE modifier & 3 WHEN 3 THEN 'ZM' WHEN 2 THEN 'Z' WHEN 1 THEN 'M' ELSE '' END
                         || CASE WHEN modifier >> 8 = 0 THEN '' ELSE ',' || (modifier >> 8) END || ')' END)::name;

-- The number that 8 bytes of well-known binary hold, in either order of bytes.
CREATE FUNCTION @extschema@.spatial_double(bytes bytea, start integer, little boolean) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    bits bigint := 0;
    exponent integer;
BEGIN
    FOR i IN 0 .. 7 LOOP
        bits := (bits << 8) | get_byte(bytes, start + CASE WHEN little THEN 7 - i ELSE i END);
    END LOOP;
    exponent := ((bits >> 52) & 2047)::integer;
    IF exponent = 0 THEN
        RETURN 0;
    END IF;
    RETURN CASE WHEN bits < 0 THEN -1 ELSE 1 END
           * (1 + (bits & 4503599627370495)::double precision / 4503599627370496) * 2::double precision ^ (exponent - 1023);
END
$body$;

CREATE FUNCTION @extschema@.spatial_integer(bytes bytea, start integer, little boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT sum(get_byte(bytes, start + i)::bigint << CASE WHEN little THEN 8 * i ELSE 24 - 8 * i END)
        FROM generate_series(0, 3) AS i)::bigint;

-- One shape of well-known binary as EWKT, and where the next one starts.
CREATE FUNCTION @extschema@.spatial_from_binary(
    bytes bytea, start integer, OUT shape text, OUT kind integer, OUT srid integer, OUT next integer
)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    little CONSTANT boolean := get_byte(bytes, start) = 1;
    head CONSTANT bigint := @extschema@.spatial_integer(bytes, start + 1, little);
    axes CONSTANT integer := 2 + (head & 2147483648 <> 0)::integer + (head & 1073741824 <> 0)::integer;
    rings bigint := 1;
    points bigint := 1;
    ring text;
    part record;
BEGIN
    kind := (head & 255)::integer;
    next := start + 5;
    IF head & 536870912 <> 0 THEN
        srid := @extschema@.spatial_integer(bytes, next, little);
        next := next + 4;
    END IF;
    shape := '';
    IF kind >= 3 THEN
        rings := @extschema@.spatial_integer(bytes, next, little);
        next := next + 4;
    END IF;
    FOR r IN 1 .. rings LOOP
        IF kind > 3 THEN
            part := @extschema@.spatial_from_binary(bytes, next);
            next := part.next;
            ring := CASE WHEN kind = 7 THEN upper((@extschema@.spatial_kinds())[part.kind]) ELSE '' END
                    || CASE WHEN kind = 4 THEN part.shape ELSE '(' || part.shape || ')' END;
        ELSE
            IF kind > 1 THEN
                points := @extschema@.spatial_integer(bytes, next, little);
                next := next + 4;
            END IF;
            ring := (SELECT string_agg((SELECT string_agg(
                         @extschema@.spatial_double(bytes, next + (8 * (axes * p + a))::integer, little)::text, ' ' ORDER BY a)
                         FROM generate_series(0, axes - 1) AS a), ',' ORDER BY p)
                     FROM generate_series(0, points - 1) AS p);
            next := next + (8 * axes * points)::integer;
            IF kind = 3 THEN
                ring := '(' || ring || ')';
            END IF;
        END IF;
        shape := shape || CASE WHEN r > 1 THEN ',' ELSE '' END || ring;
    END LOOP;
END
$body$;

-- The normal form of what a value is given as: EWKT, or hexadecimal EWKB. Checks the type modifier where there is one.
CREATE FUNCTION @extschema@.spatial_read(given text, modifier integer, default_srid integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    binary_form record;
    parts text[];
    srid integer;
    kind text;
    wanted integer := (modifier >> 2) & 63;
BEGIN
    IF given ~ '^\s*0[01][0-9A-Fa-f]{8,}\s*$' THEN
        binary_form := @extschema@.spatial_from_binary(decode(trim(given), 'hex'), 0);
        given := coalesce('SRID=' || binary_form.srid || ';', '')
                 || upper((@extschema@.spatial_kinds())[binary_form.kind]) || '(' || binary_form.shape || ')';
    ELSIF left(ltrim(given), 1) = '{' THEN
        given := @extschema@.spatial_from_json(given::jsonb);
    END IF;
    parts := regexp_match(given, '^\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*([A-Z]+)\s*(?:ZM|Z|M)?\s*(\(.*\)|EMPTY)\s*$', 'i');
    kind := (SELECT k FROM unnest(@extschema@.spatial_kinds()) AS k
             WHERE lower(k) = regexp_replace(lower(parts[2]), '(zm|z|m)$', ''));
    IF kind IS NULL OR parts[3] !~* '^([-+0-9.eE\s,()]+|EMPTY)$' AND kind <> 'GeometryCollection'
       OR length(replace(parts[3], '(', '')) <> length(replace(parts[3], ')', '')) THEN
        RAISE EXCEPTION 'parse error - invalid geometry' USING ERRCODE = 'internal_error';
    END IF;
    srid := coalesce(nullif(parts[1]::integer, 0), default_srid);
    IF modifier > 0 THEN
        IF srid = 0 THEN
            srid := modifier >> 8;
        ELSIF modifier >> 8 <> 0 AND srid <> modifier >> 8 THEN
            RAISE EXCEPTION 'Geometry SRID (%) does not match column SRID (%)', srid, modifier >> 8
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF wanted <> 0 AND kind <> (@extschema@.spatial_kinds())[wanted] THEN
            RAISE EXCEPTION 'Geometry type (%) does not match column type (%)', kind, (@extschema@.spatial_kinds())[wanted]
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    RETURN CASE WHEN srid = 0 THEN '' ELSE 'SRID=' || srid || ';' END || upper(kind)
           || CASE WHEN upper(parts[3]) = 'EMPTY' THEN ' EMPTY'
                   ELSE regexp_replace(regexp_replace(trim(parts[3]), '\s*([(),])\s*', '\1', 'g'), '\s+', ' ', 'g') END;
END
$body$;

CREATE FUNCTION @extschema@.spatial_from_json(document jsonb) RETURNS text LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    kind CONSTANT text := (SELECT k FROM unnest(@extschema@.spatial_kinds()) AS k WHERE k = document ->> 'type');
    inner_text text;
BEGIN
    IF kind = 'GeometryCollection' THEN
        inner_text := '[' || coalesce((SELECT string_agg(regexp_replace(@extschema@.spatial_from_json(part), '^SRID=\d+;', ''), ',')
                                       FROM jsonb_array_elements(document -> 'geometries') AS part), '') || ']';
    ELSIF kind IS NULL OR jsonb_typeof(document -> 'coordinates') IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'unknown GeoJSON type' USING ERRCODE = 'internal_error';
    ELSE
        inner_text := regexp_replace((document -> 'coordinates')::text, '\[([-+0-9.eE, ]+)\]', E'\x01\\1\x02', 'g');
        inner_text := (SELECT string_agg(CASE WHEN left(piece, 1) = E'\x01'
                                              THEN replace(replace(trim(piece, E'\x01\x02'), ' ', ''), ',', ' ')
                                              ELSE replace(piece, ' ', '') END, '' ORDER BY n)
                       FROM regexp_matches(inner_text, E'(\x01[^\x02]*\x02|[^\x01\x02]+)', 'g') WITH ORDINALITY AS p (hit, n),
                            LATERAL (SELECT hit[1]) AS q (piece));
    END IF;
    IF kind = 'Point' THEN
        inner_text := '[' || inner_text || ']';
    END IF;
    RETURN 'SRID=4326;' || upper(kind) || translate(inner_text, '[]', '()');
END
$body$;

-- Between text and the types as they are, without another look at the value.
CREATE FUNCTION @extschema@.spatial_text(@extschema@.geometry) RETURNS text
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'rtrim1';
CREATE FUNCTION @extschema@.spatial_text(@extschema@.geography) RETURNS text
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'rtrim1';
CREATE FUNCTION @extschema@.spatial_geometry(text) RETURNS @extschema@.geometry
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'rtrim1';
CREATE FUNCTION @extschema@.spatial_geography(text) RETURNS @extschema@.geography
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'rtrim1';

UPDATE pg_catalog.pg_proc SET proargtypes = '1263'::oidvector
WHERE pronamespace = '@extschema@'::regnamespace AND proname IN ('geometry_typmod_in', 'geography_typmod_in');

DO $types$
DECLARE
    kind text;
    pattern text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['geometry', 'geography'] LOOP
        FOREACH pattern IN ARRAY ARRAY[
            'CREATE FUNCTION @extschema@.KIND_in(cstring, oid, integer) RETURNS @extschema@.KIND
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textin''',
            'CREATE FUNCTION @extschema@.KIND_out(@extschema@.KIND) RETURNS cstring
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textout''',
            'CREATE FUNCTION @extschema@.KIND_recv(internal, oid, integer) RETURNS @extschema@.KIND
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textrecv''',
            'CREATE FUNCTION @extschema@.KIND_send(@extschema@.KIND) RETURNS bytea
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textsend''',
            'CREATE FUNCTION @extschema@.KIND_typmod_out(integer) RETURNS cstring
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''varchartypmodout''',
            'CREATE TYPE @extschema@.KIND (
                INPUT = @extschema@.KIND_in, OUTPUT = @extschema@.KIND_out,
                RECEIVE = @extschema@.KIND_recv, SEND = @extschema@.KIND_send,
                TYPMOD_IN = @extschema@.KIND_typmod_in, TYPMOD_OUT = @extschema@.KIND_typmod_out,
                DELIMITER = '':'', STORAGE = extended)',
            'CREATE FUNCTION @extschema@.spatial_KIND_in(text, oid, integer) RETURNS @extschema@.KIND
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $sql$
                SELECT @extschema@.spatial_KIND(@extschema@.spatial_read(
                    $1::text, $3, CASE ''KIND'' WHEN ''geography'' THEN 4326 ELSE 0 END)) $sql$',
            'UPDATE pg_catalog.pg_proc SET proargtypes = ''2275 26 23''::oidvector
             WHERE oid = ''@extschema@.spatial_KIND_in(text, oid, integer)''::regprocedure',
            'UPDATE pg_catalog.pg_type SET typinput = ''@extschema@.spatial_KIND_in(cstring, oid, integer)''::regprocedure
             WHERE oid = ''@extschema@.KIND''::regtype',
            -- A name ends like a C string, so its function can show a modifier.
            'UPDATE pg_catalog.pg_type SET typmodout = ''@extschema@.spatial_typmod_out(integer)''::regprocedure
             WHERE oid = ''@extschema@.KIND''::regtype',
            'CREATE FUNCTION @extschema@.KIND(@extschema@.KIND, integer, boolean) RETURNS @extschema@.KIND
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.spatial_KIND(@extschema@.spatial_read(
                    @extschema@.spatial_text($1), $2, CASE ''KIND'' WHEN ''geography'' THEN 4326 ELSE 0 END))',
            'CREATE CAST (@extschema@.KIND AS @extschema@.KIND)
                WITH FUNCTION @extschema@.KIND(@extschema@.KIND, integer, boolean) AS IMPLICIT',
            'CREATE FUNCTION @extschema@.KIND_cmp(@extschema@.KIND, @extschema@.KIND) RETURNS integer
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''byteacmp''',
            'CREATE FUNCTION @extschema@.KIND_hash(@extschema@.KIND) RETURNS integer
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''hashvarlena'''
        ] LOOP
            EXECUTE replace(pattern, 'KIND', kind);
        END LOOP;
        FOR pattern IN
            SELECT format(
                'CREATE FUNCTION @extschema@.KIND_%1$s(@extschema@.KIND, @extschema@.KIND) RETURNS boolean
                    LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''bytea%1$s'';
                 CREATE OPERATOR @extschema@.%2$s (LEFTARG = @extschema@.KIND, RIGHTARG = @extschema@.KIND,
                    FUNCTION = @extschema@.KIND_%1$s, RESTRICT = %3$s, JOIN = %4$s)', name, symbol, estimate, joined)
            FROM (VALUES ('eq', '=', 'eqsel', 'eqjoinsel'), ('lt', '<', 'scalarltsel', 'scalarltjoinsel'),
                         ('le', '<=', 'scalarlesel', 'scalarlejoinsel'), ('ge', '>=', 'scalargesel', 'scalargejoinsel'),
                         ('gt', '>', 'scalargtsel', 'scalargtjoinsel')) AS listed (name, symbol, estimate, joined)
        LOOP
            EXECUTE replace(pattern, 'KIND', kind);
        END LOOP;
        EXECUTE replace(
            'CREATE OPERATOR CLASS @extschema@.btree_KIND_ops DEFAULT FOR TYPE @extschema@.KIND USING btree AS
                OPERATOR 1 @extschema@.<, OPERATOR 2 @extschema@.<=, OPERATOR 3 @extschema@.=,
                OPERATOR 4 @extschema@.>=, OPERATOR 5 @extschema@.>,
                FUNCTION 1 @extschema@.KIND_cmp(@extschema@.KIND, @extschema@.KIND);
             CREATE OPERATOR CLASS @extschema@.hash_KIND_ops DEFAULT FOR TYPE @extschema@.KIND USING hash AS
                OPERATOR 1 @extschema@.=, FUNCTION 1 @extschema@.KIND_hash(@extschema@.KIND)', 'KIND', kind);
    END LOOP;
END
$types$;

-- An index of values in byte order, where the server brings the code for it; no operator of PostGIS uses it.
DO $index$
DECLARE
    part record;
    kind record;
BEGIN
    CREATE TYPE @extschema@.spatial_key;
    CREATE FUNCTION @extschema@.spatial_key_in(cstring) RETURNS @extschema@.spatial_key
        LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteain';
    CREATE FUNCTION @extschema@.spatial_key_out(@extschema@.spatial_key) RETURNS cstring
        LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaout';
    CREATE TYPE @extschema@.spatial_key (
        INPUT = @extschema@.spatial_key_in, OUTPUT = @extschema@.spatial_key_out, STORAGE = extended);
    FOR part IN
        SELECT * FROM (VALUES
            ('gbt_bytea_consistent', 'internal, bytea, smallint, oid, internal', 'boolean'),
            ('gbt_bytea_union', 'internal, internal', '@extschema@.spatial_key'),
            ('gbt_bytea_compress', 'internal', 'internal'),
            ('gbt_var_decompress', 'internal', 'internal'),
            ('gbt_bytea_penalty', 'internal, internal, internal', 'internal'),
            ('gbt_bytea_picksplit', 'internal, internal', 'internal'),
            ('gbt_bytea_same', '@extschema@.spatial_key, @extschema@.spatial_key, internal', 'internal')
        ) AS listed (name, arguments, result)
    LOOP
        EXECUTE format('CREATE FUNCTION @extschema@.spatial_%1$s(%2$s) RETURNS %3$s'
                       ' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS ''$libdir/btree_gist'', ''%1$s''',
                       part.name, part.arguments, part.result);
    END LOOP;
    FOR kind IN
        SELECT * FROM (VALUES ('geometry', 'gist_geometry_ops_2d', 'DEFAULT'), ('geometry', 'gist_geometry_ops_nd', ''),
                              ('geography', 'gist_geography_ops', 'DEFAULT')) AS listed (type, class, standard)
    LOOP
        EXECUTE format(
            'CREATE OPERATOR CLASS @extschema@.%I %s FOR TYPE @extschema@.%I USING gist AS
                OPERATOR 3 @extschema@.=,
                FUNCTION 1 @extschema@.spatial_gbt_bytea_consistent(internal, bytea, smallint, oid, internal),
                FUNCTION 2 @extschema@.spatial_gbt_bytea_union(internal, internal),
                FUNCTION 3 @extschema@.spatial_gbt_bytea_compress(internal),
                FUNCTION 4 @extschema@.spatial_gbt_var_decompress(internal),
                FUNCTION 5 @extschema@.spatial_gbt_bytea_penalty(internal, internal, internal),
                FUNCTION 6 @extschema@.spatial_gbt_bytea_picksplit(internal, internal),
                FUNCTION 7 @extschema@.spatial_gbt_bytea_same(@extschema@.spatial_key, @extschema@.spatial_key, internal),
                STORAGE @extschema@.spatial_key', kind.class, kind.standard, kind.type);
    END LOOP;
EXCEPTION WHEN undefined_file THEN
    NULL;
END
$index$;
