-- Identifiers of RFC 4122 from what the server has: random bits, MD5, and SHA-1 spelled out.

CREATE FUNCTION @extschema@.uuid_nil() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;
CREATE FUNCTION @extschema@.uuid_ns_dns() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION @extschema@.uuid_ns_url() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION @extschema@.uuid_ns_oid() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION @extschema@.uuid_ns_x500() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION @extschema@.uuid_generate_v4() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN pg_catalog.gen_random_uuid();

-- The time in steps of 100 ns since 15 October 1582, then a random clock sequence and a random multicast node.
CREATE FUNCTION @extschema@.uuid_generate_v1mc() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $body$
    WITH moment AS (
        SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 122192928000000000), 16, '0') AS t
    ), random AS (
        SELECT replace(gen_random_uuid()::text, '-', '') AS r
    )
    SELECT (substr(t, 9, 8) || substr(t, 5, 4) || '1' || substr(t, 2, 3) || substr(r, 17, 4) || substr(r, 21, 1)
            || translate(substr(r, 22, 1), '02468ace', '13579bdf') || substr(r, 23, 10))::uuid
    FROM moment, random
$body$;
CREATE FUNCTION @extschema@.uuid_generate_v1() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN @extschema@.uuid_generate_v1mc();

CREATE FUNCTION @extschema@.uuid_generate_v3(namespace uuid, name text)
RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    WITH hash AS (SELECT decode(md5(uuid_send(namespace) || convert_to(name, 'UTF8')), 'hex') AS h)
    SELECT encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 48), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
    FROM hash
$body$;

-- FIPS 180-4. Words live in bigints, so that 32 bits never overflow.
CREATE FUNCTION @extschema@.uuid_local_sha1(message bytea)
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

CREATE FUNCTION @extschema@.uuid_generate_v5(namespace uuid, name text)
RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    WITH hash AS (
        SELECT substr(@extschema@.uuid_local_sha1(uuid_send(namespace) || convert_to(name, 'UTF8')), 1, 16) AS h
    )
    SELECT encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 80), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
    FROM hash
$body$;
