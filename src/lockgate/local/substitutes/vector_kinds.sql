-- The other types of the vector extension, made like vector itself from one pattern: text with the real form, distances
-- and checks. KIND stands for the name of the type.

DO $kinds$
DECLARE
    kind text;
    pattern text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['halfvec', 'sparsevec'] LOOP
        FOREACH pattern IN ARRAY ARRAY[
            'CREATE TYPE @extschema@.KIND',
            'CREATE FUNCTION @extschema@.KIND_in(cstring, oid, integer) RETURNS @extschema@.KIND
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textin''',
            'CREATE FUNCTION @extschema@.KIND_out(@extschema@.KIND) RETURNS cstring
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textout''',
            'CREATE FUNCTION @extschema@.KIND_recv(internal, oid, integer) RETURNS @extschema@.KIND
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textrecv''',
            'CREATE FUNCTION @extschema@.KIND_send(@extschema@.KIND) RETURNS bytea
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''textsend''',
            'CREATE FUNCTION @extschema@.KIND_typmod_in(cstring[]) RETURNS integer
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''varchartypmodin''',
            'CREATE FUNCTION @extschema@.KIND_typmod_out(integer) RETURNS cstring
                LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS ''varchartypmodout''',
            'CREATE TYPE @extschema@.KIND (
                INPUT = @extschema@.KIND_in, OUTPUT = @extschema@.KIND_out,
                RECEIVE = @extschema@.KIND_recv, SEND = @extschema@.KIND_send,
                TYPMOD_IN = @extschema@.KIND_typmod_in, TYPMOD_OUT = @extschema@.KIND_typmod_out, STORAGE = extended)'
        ] LOOP
            EXECUTE replace(pattern, 'KIND', kind);
        END LOOP;
    END LOOP;
END
$kinds$;

CREATE FUNCTION @extschema@.halfvec_to_double(v @extschema@.halfvec)
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
    IF v::text !~ '^\s*\[.+\]\s*$' THEN
        RAISE EXCEPTION 'invalid input syntax for type halfvec: "%"', left(v::text, 60)
            USING ERRCODE = 'invalid_text_representation';
    END IF;
    RETURN translate(v::text, '[]', '{}')::double precision[];
END
$body$;

-- {index:value,…}/dimensions, with indexes from 1; what is not named is zero.
CREATE FUNCTION @extschema@.sparsevec_to_double(v @extschema@.sparsevec)
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    parts CONSTANT text[] := regexp_match(v::text, '^\s*\{(.*)\}\s*/\s*(\d+)\s*$');
BEGIN
    IF parts IS NULL THEN
        RAISE EXCEPTION 'invalid input syntax for type sparsevec: "%"', left(v::text, 60)
            USING ERRCODE = 'invalid_text_representation';
    END IF;
    RETURN (
        SELECT array_agg(coalesce(split_part(item, ':', 2)::double precision, 0) ORDER BY n)
        FROM generate_series(1, parts[2]::integer) AS n
        LEFT JOIN unnest(string_to_array(nullif(parts[1], ''), ',')) AS item ON split_part(item, ':', 1)::integer = n);
END
$body$;

CREATE FUNCTION @extschema@.array_to_halfvec(items double precision[], modifier integer, explicit boolean)
RETURNS @extschema@.halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT ('[' || array_to_string(items::real[], ',') || ']')::@extschema@.halfvec
$body$;
CREATE FUNCTION @extschema@.array_to_sparsevec(items double precision[], modifier integer, explicit boolean)
RETURNS @extschema@.sparsevec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT ('{' || coalesce((SELECT string_agg(n || ':' || item::real, ',' ORDER BY n)
                             FROM unnest(items) WITH ORDINALITY AS found (item, n) WHERE item <> 0), '')
            || '}/' || cardinality(items))::@extschema@.sparsevec
$body$;

DO $kinds$
DECLARE
    kind text;
    pattern text;
    other record;
    item text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['halfvec', 'sparsevec'] LOOP
        FOREACH pattern IN ARRAY ARRAY[
            'CREATE FUNCTION @extschema@.vector_dims(v @extschema@.KIND)
                RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN cardinality(@extschema@.KIND_to_double(v))',
            'CREATE FUNCTION @extschema@.KIND(v @extschema@.KIND, modifier integer, explicit boolean)
                RETURNS @extschema@.KIND LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
                BEGIN
                    IF modifier > 4 AND @extschema@.vector_dims(v) <> modifier - 4 THEN
                        RAISE EXCEPTION ''expected % dimensions, not %'', modifier - 4, @extschema@.vector_dims(v)
                            USING ERRCODE = ''data_exception'';
                    END IF;
                    RETURN v;
                END $body$',
            'CREATE CAST (@extschema@.KIND AS @extschema@.KIND)
                WITH FUNCTION @extschema@.KIND(@extschema@.KIND, integer, boolean) AS IMPLICIT',
            'CREATE FUNCTION @extschema@.KIND_as_vector(v @extschema@.KIND) RETURNS @extschema@.vector
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.array_to_vector(@extschema@.KIND_to_double(v), -1, false)',
            'CREATE FUNCTION @extschema@.vector_to_KIND(v @extschema@.vector, modifier integer, explicit boolean)
                RETURNS @extschema@.KIND LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.KIND(@extschema@.array_to_KIND(@extschema@.vector_to_double(v), -1, false),
                                        modifier, explicit)',
            'CREATE FUNCTION @extschema@.KIND_to_vector(v @extschema@.KIND, modifier integer, explicit boolean)
                RETURNS @extschema@.vector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.vector(@extschema@.KIND_as_vector(v), modifier, explicit)',
            'CREATE CAST (@extschema@.vector AS @extschema@.KIND)
                WITH FUNCTION @extschema@.vector_to_KIND(@extschema@.vector, integer, boolean) AS IMPLICIT',
            'CREATE CAST (@extschema@.KIND AS @extschema@.vector)
                WITH FUNCTION @extschema@.KIND_to_vector(@extschema@.KIND, integer, boolean) AS ASSIGNMENT',
            'CREATE FUNCTION @extschema@.l2_norm(v @extschema@.KIND) RETURNS double precision
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.vector_norm(@extschema@.KIND_as_vector(v))',
            'CREATE FUNCTION @extschema@.l2_normalize(v @extschema@.KIND) RETURNS @extschema@.KIND
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN @extschema@.vector_to_KIND(@extschema@.l2_normalize(@extschema@.KIND_as_vector(v)), -1, false)',
            'CREATE FUNCTION @extschema@.KIND_cmp(a @extschema@.KIND, b @extschema@.KIND) RETURNS integer
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                RETURN btarraycmp(@extschema@.KIND_to_double(a), @extschema@.KIND_to_double(b))',
            'CREATE FUNCTION @extschema@.KIND_hash(v @extschema@.KIND) RETURNS integer
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN hash_array(@extschema@.KIND_to_double(v))'
        ] LOOP
            EXECUTE replace(pattern, 'KIND', kind);
        END LOOP;
        FOR other IN SELECT * FROM (VALUES
            ('l2_distance', 'l2_distance', '<->'), ('l1_distance', 'l1_distance', '<+>'),
            ('KIND_negative_inner_product', 'vector_negative_inner_product', '<#>'),
            ('cosine_distance', 'cosine_distance', '<=>'), ('inner_product', 'inner_product', NULL)
        ) AS distances (name, of_vectors, operator) LOOP
            EXECUTE replace(format(
                'CREATE FUNCTION @extschema@.%s(a @extschema@.KIND, b @extschema@.KIND) RETURNS double precision
                 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                 RETURN @extschema@.%s(@extschema@.KIND_as_vector(a), @extschema@.KIND_as_vector(b))',
                other.name, other.of_vectors), 'KIND', kind);
            IF other.operator IS NOT NULL THEN
                EXECUTE replace(format(
                    'CREATE OPERATOR @extschema@.%s (LEFTARG = @extschema@.KIND, RIGHTARG = @extschema@.KIND,
                     FUNCTION = @extschema@.%s, COMMUTATOR = OPERATOR(@extschema@.%s))',
                    other.operator, other.name, other.operator), 'KIND', kind);
            END IF;
        END LOOP;
        FOR other IN SELECT * FROM (VALUES
            ('eq', '='), ('ne', '<>'), ('lt', '<'), ('gt', '>'), ('le', '<='), ('ge', '>=')
        ) AS comparisons (name, operator) LOOP
            EXECUTE replace(format(
                'CREATE FUNCTION @extschema@.KIND_%s(a @extschema@.KIND, b @extschema@.KIND) RETURNS boolean
                 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.KIND_cmp(a, b) %s 0',
                other.name, other.operator), 'KIND', kind);
            EXECUTE replace(format(
                'CREATE OPERATOR @extschema@.%s (LEFTARG = @extschema@.KIND, RIGHTARG = @extschema@.KIND,
                 FUNCTION = @extschema@.KIND_%s)', other.operator, other.name), 'KIND', kind);
        END LOOP;
        EXECUTE replace(
            'CREATE OPERATOR CLASS @extschema@.KIND_ops DEFAULT FOR TYPE @extschema@.KIND USING btree AS
             OPERATOR 1 @extschema@.<, OPERATOR 2 @extschema@.<=, OPERATOR 3 @extschema@.=, OPERATOR 4 @extschema@.>=,
             OPERATOR 5 @extschema@.>, FUNCTION 1 @extschema@.KIND_cmp(@extschema@.KIND, @extschema@.KIND)',
            'KIND', kind);
        FOREACH item IN ARRAY ARRAY['l2', 'ip', 'cosine', 'l1'] LOOP
            EXECUTE replace(format(
                'CREATE OPERATOR CLASS @extschema@.KIND_%s_ops FOR TYPE @extschema@.KIND USING hnsw AS
                 OPERATOR 1 @extschema@.=, FUNCTION 1 @extschema@.KIND_hash(@extschema@.KIND)', item), 'KIND', kind);
        END LOOP;
    END LOOP;
    FOREACH item IN ARRAY ARRAY['l2', 'ip', 'cosine'] LOOP
        EXECUTE format(
            'CREATE OPERATOR CLASS @extschema@.halfvec_%s_ops FOR TYPE @extschema@.halfvec USING ivfflat AS
             OPERATOR 1 @extschema@.=, FUNCTION 1 @extschema@.halfvec_hash(@extschema@.halfvec)', item);
    END LOOP;
    FOREACH item IN ARRAY ARRAY['double precision', 'real', 'integer', 'numeric'] LOOP
        CONTINUE WHEN item = 'double precision';
        EXECUTE format(
            'CREATE FUNCTION @extschema@.array_to_halfvec(items %s[], modifier integer, explicit boolean)
             RETURNS @extschema@.halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
             RETURN @extschema@.array_to_halfvec(items::double precision[], modifier, explicit)', item);
    END LOOP;
    FOREACH item IN ARRAY ARRAY['double precision', 'real', 'integer', 'numeric'] LOOP
        EXECUTE format(
            'CREATE CAST (%s[] AS @extschema@.halfvec)
             WITH FUNCTION @extschema@.array_to_halfvec(%s[], integer, boolean) AS ASSIGNMENT', item, item);
    END LOOP;
END
$kinds$;

CREATE FUNCTION @extschema@.subvector(v @extschema@.halfvec, start integer, count integer)
RETURNS @extschema@.halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.array_to_halfvec((@extschema@.halfvec_to_double(v))[start : start + count - 1], -1, false);

-- Vectors of bits are PostgreSQL's own.
CREATE FUNCTION @extschema@.binary_quantize(v @extschema@.vector)
RETURNS bit LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT string_agg(CASE WHEN x > 0 THEN '1' ELSE '0' END, '' ORDER BY n)::varbit
    FROM unnest(@extschema@.vector_to_double(v)) WITH ORDINALITY AS items (x, n)
$body$;
CREATE FUNCTION @extschema@.binary_quantize(v @extschema@.halfvec)
RETURNS bit LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.binary_quantize(@extschema@.halfvec_as_vector(v));
CREATE FUNCTION @extschema@.hamming_distance(a bit, b bit)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN bit_count(a # b);
CREATE FUNCTION @extschema@.jaccard_distance(a bit, b bit)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN bit_count(a & b) = 0 THEN 1 ELSE 1 - bit_count(a & b)::double precision / bit_count(a | b) END;
CREATE OPERATOR @extschema@.<~> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = @extschema@.hamming_distance, COMMUTATOR = OPERATOR(@extschema@.<~>));
CREATE OPERATOR @extschema@.<%> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = @extschema@.jaccard_distance, COMMUTATOR = OPERATOR(@extschema@.<%>));
CREATE FUNCTION @extschema@.bit_hash(v bit)
RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN hashtext(v::text);
CREATE OPERATOR CLASS @extschema@.bit_hamming_ops DEFAULT FOR TYPE bit USING ivfflat AS
    OPERATOR 1 pg_catalog.=, FUNCTION 1 @extschema@.bit_hash(bit);
CREATE OPERATOR CLASS @extschema@.bit_hamming_ops FOR TYPE bit USING hnsw AS
    OPERATOR 1 pg_catalog.=, FUNCTION 1 @extschema@.bit_hash(bit);
CREATE OPERATOR CLASS @extschema@.bit_jaccard_ops FOR TYPE bit USING hnsw AS
    OPERATOR 1 pg_catalog.=, FUNCTION 1 @extschema@.bit_hash(bit);

-- What the real access methods refuse: a column without dimensions, or with too many.
CREATE FUNCTION @extschema@.vector_check_index() RETURNS event_trigger LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT a.atttypmod - 4 AS dimensions, am.amname AS method,
               CASE t.typname WHEN 'halfvec' THEN 4000 ELSE 2000 END AS most
        FROM pg_event_trigger_ddl_commands() AS command
        JOIN pg_class i ON command.classid = 'pg_class'::regclass AND i.oid = command.objid AND i.relkind IN ('i', 'I')
        JOIN pg_am am ON am.oid = i.relam AND am.amname IN ('hnsw', 'ivfflat')
        JOIN pg_index x ON x.indexrelid = i.oid
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
        JOIN pg_type t ON t.oid = a.atttypid AND t.typname IN ('vector', 'halfvec')
    LOOP
        IF made.dimensions < 1 THEN
            RAISE 'column does not have dimensions' USING ERRCODE = 'invalid_parameter_value';
        ELSIF made.dimensions > made.most THEN
            RAISE 'column cannot have more than % dimensions for % index', made.most, made.method
                USING ERRCODE = 'program_limit_exceeded';
        END IF;
    END LOOP;
END
$body$;
CREATE EVENT TRIGGER vector_check_index ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
    EXECUTE FUNCTION @extschema@.vector_check_index();

-- The server would only say that it does not know the option.
CREATE FUNCTION @extschema@.vector_refuse_options() RETURNS event_trigger LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
BEGIN
    IF current_query() ~* '^(\s|--[^\n]*\n)*create\s[^;]*\musing\s+"?(hnsw|ivfflat)\M[^;]*\)\s*with\s*\(' THEN
        RAISE 'indexes of the local substitute for vector take no options'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Lockgate''s own commands leave WITH (...) out here; other clients need a server that has pgvector (LOCKGATE_POSTGRES).';
    END IF;
END
$body$;
CREATE EVENT TRIGGER vector_refuse_options ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
    EXECUTE FUNCTION @extschema@.vector_refuse_options();
