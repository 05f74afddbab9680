-- The types and functions of the synchronous client; each call says that nothing leaves this machine.

CREATE DOMAIN @extschema@.http_method AS text;
CREATE DOMAIN @extschema@.content_type AS text CHECK (value ~ '^\S+\/\S+');
CREATE TYPE @extschema@.http_header AS (field varchar, value varchar);
CREATE TYPE @extschema@.http_response AS (
    status integer, content_type varchar, headers @extschema@.http_header[], content varchar
);
CREATE TYPE @extschema@.http_request AS (
    method @extschema@.http_method, uri varchar, headers @extschema@.http_header[], content_type varchar,
    content varchar
);

CREATE FUNCTION @extschema@.http(request @extschema@.http_request)
RETURNS @extschema@.http_response LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'http requests do not leave the local database' USING ERRCODE = 'feature_not_supported';
END
$body$;
CREATE FUNCTION @extschema@.http_header(field varchar, value varchar)
RETURNS @extschema@.http_header LANGUAGE sql AS $body$ SELECT field, value $body$;
CREATE FUNCTION @extschema@.http_get(uri varchar) RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('GET', uri, NULL, NULL, NULL)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_get(uri varchar, data jsonb) RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('GET', uri, NULL, NULL, NULL)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_post(uri varchar, content varchar, content_type varchar)
RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('POST', uri, NULL, content_type, content)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_post(uri varchar, data jsonb) RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('POST', uri, NULL, 'application/json', data::varchar)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_put(uri varchar, content varchar, content_type varchar)
RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('PUT', uri, NULL, content_type, content)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_patch(uri varchar, content varchar, content_type varchar)
RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('PATCH', uri, NULL, content_type, content)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_delete(uri varchar) RETURNS @extschema@.http_response LANGUAGE sql AS $body$
    SELECT @extschema@.http(('DELETE', uri, NULL, NULL, NULL)::@extschema@.http_request)
$body$;
CREATE FUNCTION @extschema@.http_set_curlopt(curlopt varchar, value varchar)
RETURNS boolean LANGUAGE sql AS $body$ SELECT true $body$;
CREATE FUNCTION @extschema@.http_reset_curlopt() RETURNS boolean LANGUAGE sql AS $body$ SELECT true $body$;
CREATE FUNCTION @extschema@.urlencode(string varchar) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT string_agg(CASE WHEN chr(byte) ~ '[A-Za-z0-9_.~-]' AND byte < 128 THEN chr(byte)
                           ELSE '%' || upper(lpad(to_hex(byte), 2, '0')) END, '' ORDER BY position)
    FROM (SELECT n AS position, get_byte(convert_to(string, 'UTF8'), n) AS byte
          FROM generate_series(0, octet_length(convert_to(string, 'UTF8')) - 1) AS n) AS bytes
$body$;
