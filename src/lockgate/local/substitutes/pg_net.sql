-- Requests are taken and kept in the queue; nothing leaves this machine, so no response ever comes.

CREATE SCHEMA IF NOT EXISTS net;

CREATE TYPE net.request_status AS ENUM ('PENDING', 'SUCCESS', 'ERROR');
CREATE TYPE net.http_response AS (status_code integer, headers jsonb, body text);
CREATE TYPE net.http_response_result AS (status net.request_status, message text, response net.http_response);
CREATE DOMAIN net.http_method AS text CHECK (value ILIKE ANY (ARRAY['get', 'post', 'delete']));

CREATE UNLOGGED TABLE net.http_request_queue (
    id bigserial,
    method net.http_method NOT NULL,
    url text NOT NULL,
    headers jsonb,
    body bytea,
    timeout_milliseconds integer NOT NULL
);
CREATE UNLOGGED TABLE net._http_response (
    id bigint,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean,
    error_msg text,
    created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON net._http_response (created);

CREATE FUNCTION net._enqueue(method text, url text, params jsonb, headers jsonb, body bytea, timeout integer)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO net AS $body$
    INSERT INTO net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    VALUES (method,
            url || coalesce((SELECT '?' || string_agg(key || '=' || value, '&') FROM jsonb_each_text(params)
                             HAVING count(*) > 0), ''),
            headers, body, timeout)
    RETURNING id
$body$;

CREATE FUNCTION net.http_get(
    url text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', timeout_milliseconds integer DEFAULT 5000
)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO net AS $body$
    SELECT net._enqueue('GET', url, params, headers, NULL, timeout_milliseconds)
$body$;

CREATE FUNCTION net.http_post(
    url text, body jsonb DEFAULT '{}', params jsonb DEFAULT '{}',
    headers jsonb DEFAULT '{"Content-Type": "application/json"}', timeout_milliseconds integer DEFAULT 5000
)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO net AS $body$
    SELECT net._enqueue('POST', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
$body$;

CREATE FUNCTION net.http_delete(
    url text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', timeout_milliseconds integer DEFAULT 5000,
    body jsonb DEFAULT NULL
)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO net AS $body$
    SELECT net._enqueue('DELETE', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
$body$;

CREATE FUNCTION net._http_collect_response(request_id bigint, async boolean DEFAULT true)
RETURNS net.http_response_result LANGUAGE sql STABLE AS $body$
    SELECT CASE WHEN EXISTS (SELECT FROM net.http_request_queue WHERE id = request_id)
           THEN ROW('PENDING', 'request is pending processing', NULL)::net.http_response_result
           ELSE ROW('ERROR', 'request matching request_id not found', NULL)::net.http_response_result END
$body$;
CREATE FUNCTION net.http_collect_response(request_id bigint, async boolean DEFAULT true)
RETURNS net.http_response_result LANGUAGE sql STABLE AS $body$
    SELECT net._http_collect_response(request_id, async)
$body$;

CREATE FUNCTION net.worker_restart() RETURNS boolean LANGUAGE sql AS $body$ SELECT true $body$;
CREATE FUNCTION net.check_worker_is_up() RETURNS void LANGUAGE sql AS $body$ $body$;
CREATE FUNCTION net.wait_until_running() RETURNS void LANGUAGE sql AS $body$ $body$;
CREATE FUNCTION net.wake() RETURNS void LANGUAGE sql AS $body$ $body$;

GRANT USAGE ON SCHEMA net TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA net TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA net TO PUBLIC;
