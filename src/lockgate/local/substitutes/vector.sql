-- Vectors kept as their text, with the real names, distances and checks. The access methods keep a hash of each
-- value: an index can be made and costs what an index costs, but a search by distance reads the table.

CREATE TYPE @extschema@.vector;
CREATE FUNCTION @extschema@.vector_in(cstring, oid, integer) RETURNS @extschema@.vector
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
CREATE FUNCTION @extschema@.vector_out(@extschema@.vector) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION @extschema@.vector_recv(internal, oid, integer) RETURNS @extschema@.vector
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textrecv';
CREATE FUNCTION @extschema@.vector_send(@extschema@.vector) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE FUNCTION @extschema@.vector_typmod_in(cstring[]) RETURNS integer
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'varchartypmodin';
CREATE FUNCTION @extschema@.vector_typmod_out(integer) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'varchartypmodout';
CREATE TYPE @extschema@.vector (
    INPUT = @extschema@.vector_in, OUTPUT = @extschema@.vector_out,
    RECEIVE = @extschema@.vector_recv, SEND = @extschema@.vector_send,
    TYPMOD_IN = @extschema@.vector_typmod_in, TYPMOD_OUT = @extschema@.vector_typmod_out,
    STORAGE = extended
);

CREATE FUNCTION @extschema@.vector_to_double(v @extschema@.vector)
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
    IF v::text !~ '^\s*\[.+\]\s*$' THEN
        RAISE EXCEPTION 'invalid input syntax for type vector: "%"', left(v::text, 60)
            USING ERRCODE = 'invalid_text_representation';
    END IF;
    RETURN translate(v::text, '[]', '{}')::double precision[];
END
$body$;
CREATE FUNCTION @extschema@.vector_dims(v @extschema@.vector)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN cardinality(@extschema@.vector_to_double(v));

-- Assignment to a column of vector(n): the form and the number of dimensions are checked here.
CREATE FUNCTION @extschema@.vector(v @extschema@.vector, modifier integer, explicit boolean)
RETURNS @extschema@.vector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    dimensions CONSTANT integer := @extschema@.vector_dims(v);
BEGIN
    IF modifier > 4 AND dimensions <> modifier - 4 THEN
        RAISE EXCEPTION 'expected % dimensions, not %', modifier - 4, dimensions USING ERRCODE = 'data_exception';
    END IF;
    RETURN v;
END
$body$;
CREATE CAST (@extschema@.vector AS @extschema@.vector)
    WITH FUNCTION @extschema@.vector(@extschema@.vector, integer, boolean) AS IMPLICIT;

CREATE FUNCTION @extschema@.array_to_vector(items double precision[], modifier integer, explicit boolean)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT @extschema@.vector(('[' || array_to_string(items::real[], ',') || ']')::@extschema@.vector, modifier, explicit)
$body$;
CREATE FUNCTION @extschema@.array_to_vector(items real[], modifier integer, explicit boolean)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.array_to_vector(items::double precision[], modifier, explicit);
CREATE FUNCTION @extschema@.array_to_vector(items integer[], modifier integer, explicit boolean)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.array_to_vector(items::double precision[], modifier, explicit);
CREATE FUNCTION @extschema@.array_to_vector(items numeric[], modifier integer, explicit boolean)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.array_to_vector(items::double precision[], modifier, explicit);
CREATE FUNCTION @extschema@.vector_to_float4(v @extschema@.vector, modifier integer, explicit boolean)
RETURNS real[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.vector_to_double(v)::real[];
CREATE CAST (double precision[] AS @extschema@.vector)
    WITH FUNCTION @extschema@.array_to_vector(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (real[] AS @extschema@.vector)
    WITH FUNCTION @extschema@.array_to_vector(real[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (integer[] AS @extschema@.vector)
    WITH FUNCTION @extschema@.array_to_vector(integer[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (numeric[] AS @extschema@.vector)
    WITH FUNCTION @extschema@.array_to_vector(numeric[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (@extschema@.vector AS real[])
    WITH FUNCTION @extschema@.vector_to_float4(@extschema@.vector, integer, boolean) AS IMPLICIT;

CREATE FUNCTION @extschema@.vector_pairs(a @extschema@.vector, b @extschema@.vector)
RETURNS TABLE (x double precision, y double precision) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
    IF @extschema@.vector_dims(a) <> @extschema@.vector_dims(b) THEN
        RAISE EXCEPTION 'different vector dimensions % and %', @extschema@.vector_dims(a), @extschema@.vector_dims(b)
            USING ERRCODE = 'data_exception';
    END IF;
    RETURN QUERY SELECT * FROM unnest(@extschema@.vector_to_double(a), @extschema@.vector_to_double(b));
END
$body$;
CREATE FUNCTION @extschema@.l2_distance(a @extschema@.vector, b @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT sqrt(sum((x - y) * (x - y))) FROM @extschema@.vector_pairs(a, b)
$body$;
CREATE FUNCTION @extschema@.l1_distance(a @extschema@.vector, b @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT sum(abs(x - y)) FROM @extschema@.vector_pairs(a, b)
$body$;
CREATE FUNCTION @extschema@.inner_product(a @extschema@.vector, b @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT sum(x * y) FROM @extschema@.vector_pairs(a, b)
$body$;
CREATE FUNCTION @extschema@.vector_negative_inner_product(a @extschema@.vector, b @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN -@extschema@.inner_product(a, b);
CREATE FUNCTION @extschema@.cosine_distance(a @extschema@.vector, b @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT CASE WHEN sum(x * x) * sum(y * y) = 0 THEN 'NaN'
                ELSE 1 - sum(x * y) / sqrt(sum(x * x) * sum(y * y)) END
    FROM @extschema@.vector_pairs(a, b)
$body$;
CREATE FUNCTION @extschema@.vector_norm(v @extschema@.vector)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT sqrt(sum(x * x)) FROM unnest(@extschema@.vector_to_double(v)) AS x
$body$;
CREATE FUNCTION @extschema@.l2_normalize(v @extschema@.vector)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT @extschema@.array_to_vector(array_agg(CASE WHEN norm = 0 THEN 0 ELSE x / norm END ORDER BY n), -1, false)
    FROM unnest(@extschema@.vector_to_double(v)) WITH ORDINALITY AS items (x, n), @extschema@.vector_norm(v) AS norm
$body$;
CREATE FUNCTION @extschema@.subvector(v @extschema@.vector, start integer, count integer)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.array_to_vector((@extschema@.vector_to_double(v))[start : start + count - 1], -1, false);

CREATE FUNCTION @extschema@.vector_add(a @extschema@.vector, b @extschema@.vector)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT @extschema@.array_to_vector(array_agg(x + y ORDER BY n), -1, false)
    FROM unnest(@extschema@.vector_to_double(a), @extschema@.vector_to_double(b)) WITH ORDINALITY AS items (x, y, n)
$body$;
CREATE FUNCTION @extschema@.vector_sub(a @extschema@.vector, b @extschema@.vector)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT @extschema@.array_to_vector(array_agg(x - y ORDER BY n), -1, false)
    FROM unnest(@extschema@.vector_to_double(a), @extschema@.vector_to_double(b)) WITH ORDINALITY AS items (x, y, n)
$body$;
CREATE FUNCTION @extschema@.vector_mul(a @extschema@.vector, b @extschema@.vector)
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT @extschema@.array_to_vector(array_agg(x * y ORDER BY n), -1, false)
    FROM unnest(@extschema@.vector_to_double(a), @extschema@.vector_to_double(b)) WITH ORDINALITY AS items (x, y, n)
$body$;
CREATE FUNCTION @extschema@.vector_cmp(a @extschema@.vector, b @extschema@.vector)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btarraycmp(@extschema@.vector_to_double(a), @extschema@.vector_to_double(b));
CREATE FUNCTION @extschema@.vector_eq(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) = 0;
CREATE FUNCTION @extschema@.vector_ne(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) <> 0;
CREATE FUNCTION @extschema@.vector_lt(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) < 0;
CREATE FUNCTION @extschema@.vector_gt(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) > 0;
CREATE FUNCTION @extschema@.vector_le(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) <= 0;
CREATE FUNCTION @extschema@.vector_ge(a @extschema@.vector, b @extschema@.vector)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.vector_cmp(a, b) >= 0;
CREATE FUNCTION @extschema@.vector_hash(v @extschema@.vector)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN hash_array(@extschema@.vector_to_double(v));

CREATE OPERATOR @extschema@.<-> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.l2_distance, COMMUTATOR = OPERATOR(@extschema@.<->));
CREATE OPERATOR @extschema@.<+> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.l1_distance, COMMUTATOR = OPERATOR(@extschema@.<+>));
CREATE OPERATOR @extschema@.<#> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_negative_inner_product, COMMUTATOR = OPERATOR(@extschema@.<#>));
CREATE OPERATOR @extschema@.<=> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.cosine_distance, COMMUTATOR = OPERATOR(@extschema@.<=>));
CREATE OPERATOR @extschema@.+ (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_add);
CREATE OPERATOR @extschema@.- (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_sub);
CREATE OPERATOR @extschema@.* (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_mul);
CREATE OPERATOR @extschema@.= (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_eq, COMMUTATOR = OPERATOR(@extschema@.=), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR @extschema@.<> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_ne, COMMUTATOR = OPERATOR(@extschema@.<>), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR @extschema@.< (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_lt);
CREATE OPERATOR @extschema@.> (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_gt);
CREATE OPERATOR @extschema@.<= (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_le);
CREATE OPERATOR @extschema@.>= (LEFTARG = @extschema@.vector, RIGHTARG = @extschema@.vector, FUNCTION = @extschema@.vector_ge);

CREATE OPERATOR CLASS @extschema@.vector_ops DEFAULT FOR TYPE @extschema@.vector USING btree AS
    OPERATOR 1 @extschema@.<, OPERATOR 2 @extschema@.<=, OPERATOR 3 @extschema@.=, OPERATOR 4 @extschema@.>=,
    OPERATOR 5 @extschema@.>, FUNCTION 1 @extschema@.vector_cmp(@extschema@.vector, @extschema@.vector);

CREATE AGGREGATE @extschema@.sum(@extschema@.vector) (SFUNC = @extschema@.vector_add, STYPE = @extschema@.vector);
CREATE FUNCTION @extschema@.vector_collect(items @extschema@.vector[], item @extschema@.vector)
RETURNS @extschema@.vector[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN item IS NULL THEN items ELSE array_append(items, item) END;
CREATE FUNCTION @extschema@.vector_mean(items @extschema@.vector[])
RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT @extschema@.array_to_vector(array_agg(mean ORDER BY n), -1, false)
    FROM (SELECT n, avg(x) AS mean
          FROM unnest(items) AS item,
               unnest(@extschema@.vector_to_double(item)) WITH ORDINALITY AS parts (x, n)
          GROUP BY n) AS means
$body$;
CREATE AGGREGATE @extschema@.avg(@extschema@.vector) (
    SFUNC = @extschema@.vector_collect, STYPE = @extschema@.vector[], FINALFUNC = @extschema@.vector_mean
);

CREATE ACCESS METHOD ivfflat TYPE INDEX HANDLER pg_catalog.hashhandler;
CREATE ACCESS METHOD hnsw TYPE INDEX HANDLER pg_catalog.hashhandler;
DO $classes$
DECLARE
    method text;
    class text;
BEGIN
    FOREACH method IN ARRAY ARRAY['ivfflat', 'hnsw'] LOOP
        FOREACH class IN ARRAY ARRAY['vector_l2_ops', 'vector_ip_ops', 'vector_cosine_ops', 'vector_l1_ops'] LOOP
            EXECUTE format(
                'CREATE OPERATOR CLASS @extschema@.%I %s FOR TYPE @extschema@.vector USING %I AS'
                ' OPERATOR 1 @extschema@.=, FUNCTION 1 @extschema@.vector_hash(@extschema@.vector)',
                class, CASE WHEN method = 'ivfflat' AND class = 'vector_l2_ops' THEN 'DEFAULT' ELSE '' END, method);
        END LOOP;
    END LOOP;
END
$classes$;
