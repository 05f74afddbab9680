-- What migrations of earlier years refer to: the table of keys and the functions that make one.

CREATE TYPE pgsodium.key_status AS ENUM ('default', 'valid', 'invalid', 'expired');
CREATE TYPE pgsodium.key_type AS ENUM (
    'aead-ietf', 'aead-det', 'hmacsha512', 'hmacsha256', 'auth', 'shorthash', 'generichash', 'kdf', 'secretbox',
    'secretstream', 'stream_xchacha20'
);
CREATE SEQUENCE pgsodium.key_key_id_seq;
CREATE TABLE pgsodium.key (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    status pgsodium.key_status DEFAULT 'valid',
    created timestamptz NOT NULL DEFAULT current_timestamp,
    expires timestamptz,
    key_type pgsodium.key_type,
    key_id bigint DEFAULT nextval('pgsodium.key_key_id_seq'),
    key_context bytea DEFAULT '\x7067736f6469756d',
    name text UNIQUE,
    associated_data text DEFAULT 'associated',
    raw_key bytea,
    raw_key_nonce bytea,
    parent_key uuid REFERENCES pgsodium.key,
    comment text,
    user_data text
);
CREATE VIEW pgsodium.valid_key AS
    SELECT id, name, status, key_type, key_id, key_context, created, expires, associated_data
    FROM pgsodium.key
    WHERE status IN ('valid', 'default') AND (expires IS NULL OR expires > now());
CREATE FUNCTION pgsodium.create_key(
    key_type pgsodium.key_type DEFAULT 'aead-det', name text DEFAULT NULL, raw_key bytea DEFAULT NULL,
    raw_key_nonce bytea DEFAULT NULL, parent_key uuid DEFAULT NULL, key_context bytea DEFAULT '\x7067736f6469756d',
    expires timestamptz DEFAULT NULL, associated_data text DEFAULT ''
)
RETURNS pgsodium.valid_key LANGUAGE sql SECURITY DEFINER SET search_path TO '' AS $body$
    WITH made AS (
        INSERT INTO pgsodium.key (key_type, name, raw_key, raw_key_nonce, parent_key, key_context, expires,
                                  associated_data)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING id, name, status, key_type, key_id, key_context, created, expires, associated_data
    )
    SELECT * FROM made
$body$;
