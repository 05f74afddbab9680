-- JSON Web Tokens with the HMAC algorithms of RFC 7518.

CREATE FUNCTION @extschema@.url_encode(data bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT rtrim(translate(encode(data, 'base64'), E'+/\n', '-_'), '=')
$body$;

CREATE FUNCTION @extschema@.url_decode(data text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $body$
    SELECT decode(rpad(translate(data, '-_', '+/'), ((length(data) + 3) / 4) * 4, '='), 'base64')
$body$;

CREATE FUNCTION @extschema@.algorithm_sign(signables text, secret text, algorithm text)
RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT @extschema@.url_encode(@extschema@.hmac(signables, secret, 'sha' || substr(upper(algorithm), 3)))
    WHERE upper(algorithm) IN ('HS256', 'HS384', 'HS512')
$body$;

CREATE FUNCTION @extschema@.sign(payload json, secret text, algorithm text DEFAULT 'HS256')
RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    WITH signables AS (
        SELECT @extschema@.url_encode(convert_to('{"alg":"' || algorithm || '","typ":"JWT"}', 'UTF8')) || '.'
               || @extschema@.url_encode(convert_to(payload::text, 'UTF8')) AS data
    )
    SELECT data || '.' || @extschema@.algorithm_sign(data, secret, algorithm) FROM signables
$body$;

CREATE FUNCTION @extschema@.try_cast_double(value text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    RETURN value::double precision;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$body$;

CREATE FUNCTION @extschema@.verify(token text, secret text, algorithm text DEFAULT 'HS256')
RETURNS TABLE (header json, payload json, valid boolean) LANGUAGE sql STABLE AS $body$
    WITH parts AS (SELECT string_to_array(token, '.') AS p),
    opened AS (
        SELECT convert_from(@extschema@.url_decode(p[1]), 'UTF8')::json AS header,
               convert_from(@extschema@.url_decode(p[2]), 'UTF8')::json AS payload,
               p[3] = @extschema@.algorithm_sign(p[1] || '.' || p[2], secret, algorithm) AS signed
        FROM parts
    )
    SELECT header, payload,
           signed AND extract(epoch FROM now()) >= coalesce(@extschema@.try_cast_double(payload ->> 'nbf'), 0)
                  AND extract(epoch FROM now()) < coalesce(@extschema@.try_cast_double(payload ->> 'exp'), 'infinity')
    FROM opened
$body$;
