-- Hashes as they are; random bytes as strong as the server's; passwords and symmetric encryption in form only: they
-- can be made and checked in this database, and nowhere else.

CREATE FUNCTION @extschema@.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

-- Six bits of a random UUID are fixed; they lie in the bytes that are left out.
CREATE FUNCTION @extschema@.gen_random_bytes(count integer)
RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $body$
DECLARE
    collected bytea := '';
    piece bytea;
BEGIN
    IF count NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'Length not in range' USING ERRCODE = 'external_routine_invocation_exception';
    END IF;
    WHILE length(collected) < count LOOP
        piece := uuid_send(pg_catalog.gen_random_uuid());
        collected := collected || substr(piece, 1, 6) || substr(piece, 10, 7);
    END LOOP;
    RETURN substr(collected, 1, count);
END
$body$;

-- FIPS 180-4. Words live in bigints, so that 32 bits never overflow.
CREATE FUNCTION @extschema@.pgcrypto_local_sha1(message bytea)
RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    mask CONSTANT bigint := 4294967295;
    state bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
    bits CONSTANT bigint := length(message) * 8::bigint;
    padded bytea := message || '\x80'::bytea
        || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex') || int8send(bits);
    w bigint[];
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
BEGIN
    FOR block IN 0 .. length(padded) / 64 - 1 LOOP
        FOR i IN 0 .. 15 LOOP
            w[i] := ('x' || encode(substr(padded, block * 64 + i * 4 + 1, 4), 'hex'))::bit(32)::bigint & mask;
        END LOOP;
        FOR i IN 16 .. 79 LOOP
            t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((t << 1) | (t >> 31)) & mask;
        END LOOP;
        a := state[1]; b := state[2]; c := state[3]; d := state[4]; e := state[5];
        FOR i IN 0 .. 79 LOOP
            IF i < 20 THEN
                f := (b & c) | (~b & mask & d); k := 1518500249;
            ELSIF i < 40 THEN
                f := b # c # d; k := 1859775393;
            ELSIF i < 60 THEN
                f := (b & c) | (b & d) | (c & d); k := 2400959708;
            ELSE
                f := b # c # d; k := 3395469782;
            END IF;
            t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i]) & mask;
            e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
        END LOOP;
        state := ARRAY[(state[1] + a) & mask, (state[2] + b) & mask, (state[3] + c) & mask,
                       (state[4] + d) & mask, (state[5] + e) & mask];
    END LOOP;
    RETURN decode(lpad(to_hex(state[1]), 8, '0') || lpad(to_hex(state[2]), 8, '0') || lpad(to_hex(state[3]), 8, '0')
                  || lpad(to_hex(state[4]), 8, '0') || lpad(to_hex(state[5]), 8, '0'), 'hex');
END
$body$;

CREATE FUNCTION @extschema@.digest(data bytea, type text)
RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
    RETURN CASE lower(type)
        WHEN 'md5' THEN decode(md5(data), 'hex')
        WHEN 'sha1' THEN @extschema@.pgcrypto_local_sha1(data)
        WHEN 'sha224' THEN sha224(data)
        WHEN 'sha256' THEN sha256(data)
        WHEN 'sha384' THEN sha384(data)
        WHEN 'sha512' THEN sha512(data)
    END;
EXCEPTION WHEN case_not_found THEN
    RAISE EXCEPTION 'Cannot use "%": No such hash algorithm', type USING ERRCODE = 'invalid_parameter_value';
END
$body$;
CREATE FUNCTION @extschema@.digest(data text, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.digest(convert_to(data, 'UTF8'), type);

-- RFC 2104.
CREATE FUNCTION @extschema@.hmac(data bytea, key bytea, type text)
RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    block CONSTANT integer := CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END;
    padded bytea := CASE WHEN length(key) > block THEN @extschema@.digest(key, type) ELSE key END;
    inner_key bytea;
    outer_key bytea;
BEGIN
    padded := padded || decode(repeat('00', block - length(padded)), 'hex');
    inner_key := padded;
    outer_key := padded;
    FOR i IN 0 .. block - 1 LOOP
        inner_key := set_byte(inner_key, i, get_byte(padded, i) # 54);
        outer_key := set_byte(outer_key, i, get_byte(padded, i) # 92);
    END LOOP;
    RETURN @extschema@.digest(outer_key || @extschema@.digest(inner_key || data, type), type);
END
$body$;
CREATE FUNCTION @extschema@.hmac(data text, key text, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.hmac(convert_to(data, 'UTF8'), convert_to(key, 'UTF8'), type);

CREATE FUNCTION @extschema@.gen_salt(type text, iterations integer)
RETURNS text LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $body$
DECLARE
    random text := translate(encode(@extschema@.gen_random_bytes(24), 'base64'), '+=', './');
BEGIN
    RETURN CASE lower(type)
        WHEN 'bf' THEN '$2a$' || lpad(iterations::text, 2, '0') || '$' || left(random, 22)
        WHEN 'md5' THEN '$1$' || left(random, 8)
        WHEN 'xdes' THEN '_J9..' || left(random, 4)
        WHEN 'des' THEN left(random, 2)
    END;
EXCEPTION WHEN case_not_found THEN
    RAISE EXCEPTION 'gen_salt: Unknown salt algorithm' USING ERRCODE = 'invalid_parameter_value';
END
$body$;
CREATE FUNCTION @extschema@.gen_salt(type text) RETURNS text LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN @extschema@.gen_salt(type, 6);

-- The same password and salt, or whole hash as salt, give the same text of the right form.
CREATE FUNCTION @extschema@.crypt(password text, salt text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    WITH head AS (
        SELECT CASE WHEN salt LIKE '$2_$%' THEN left(salt, 29)
                    WHEN salt LIKE '$1$%' THEN '$1$' || split_part(salt, '$', 3) || '$'
                    WHEN salt LIKE '\_%' THEN left(salt, 9)
                    ELSE left(salt, 2) END AS h,
               CASE WHEN salt LIKE '$2_$%' THEN 31 WHEN salt LIKE '$1$%' THEN 22 ELSE 11 END AS length
    )
    SELECT h || left(translate(encode(sha512(convert_to(h || password, 'UTF8')), 'base64'), E'+=\n', './'), length)
    FROM head
$body$;

CREATE FUNCTION @extschema@.pgcrypto_local_stream(data bytea, key bytea)
RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    pad bytea;
    result bytea := data;
BEGIN
    FOR i IN 0 .. length(data) - 1 LOOP
        IF i % 32 = 0 THEN
            pad := sha256(key || int4send(i / 32));
        END IF;
        result := set_byte(result, i, get_byte(data, i) # get_byte(pad, i % 32));
    END LOOP;
    RETURN result;
END
$body$;

CREATE FUNCTION @extschema@.encrypt(data bytea, key bytea, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgcrypto_local_stream(data, key);
CREATE FUNCTION @extschema@.decrypt(data bytea, key bytea, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgcrypto_local_stream(data, key);
CREATE FUNCTION @extschema@.encrypt_iv(data bytea, key bytea, iv bytea, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgcrypto_local_stream(data, key || iv);
CREATE FUNCTION @extschema@.decrypt_iv(data bytea, key bytea, iv bytea, type text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN @extschema@.pgcrypto_local_stream(data, key || iv);

CREATE FUNCTION @extschema@.pgp_sym_encrypt_bytea(data bytea, password text, options text DEFAULT '')
RETURNS bytea LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS $body$
    SELECT salt || @extschema@.pgcrypto_local_stream(sha256(data) || data, salt || convert_to(password, 'UTF8'))
    FROM @extschema@.gen_random_bytes(8) AS salt
$body$;
CREATE FUNCTION @extschema@.pgp_sym_encrypt(data text, password text, options text DEFAULT '')
RETURNS bytea LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN @extschema@.pgp_sym_encrypt_bytea(convert_to(data, 'UTF8'), password, options);

CREATE FUNCTION @extschema@.pgp_sym_decrypt_bytea(message bytea, password text, options text DEFAULT '')
RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    opened bytea := @extschema@.pgcrypto_local_stream(
        substr(message, 9), substr(message, 1, 8) || convert_to(password, 'UTF8'));
BEGIN
    IF sha256(substr(opened, 33)) IS DISTINCT FROM substr(opened, 1, 32) THEN
        RAISE EXCEPTION 'Wrong key or corrupt data' USING ERRCODE = 'external_routine_invocation_exception';
    END IF;
    RETURN substr(opened, 33);
END
$body$;
CREATE FUNCTION @extschema@.pgp_sym_decrypt(message bytea, password text, options text DEFAULT '')
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN convert_from(@extschema@.pgp_sym_decrypt_bytea(message, password, options), 'UTF8');

CREATE FUNCTION @extschema@.armor(data bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN E'-----BEGIN PGP MESSAGE-----\n\n' || encode(data, 'base64') || E'\n-----END PGP MESSAGE-----\n';
CREATE FUNCTION @extschema@.dearmor(data text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN decode(regexp_replace(data, '-----[A-Z ]+-----', '', 'g'), 'base64');
