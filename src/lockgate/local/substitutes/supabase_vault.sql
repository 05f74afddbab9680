-- Secrets with the names, views and rights of the real vault. They are kept in clear: this is a local database.

CREATE TABLE @extschema@.secrets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text,
    description text NOT NULL DEFAULT '',
    secret text NOT NULL,
    key_id uuid,
    nonce bytea,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    updated_at timestamptz NOT NULL DEFAULT current_timestamp
);
CREATE UNIQUE INDEX secrets_name_idx ON @extschema@.secrets (name) WHERE name IS NOT NULL;

CREATE VIEW @extschema@.decrypted_secrets AS
    SELECT id, name, description, secret, secret AS decrypted_secret, key_id, nonce, created_at, updated_at
    FROM @extschema@.secrets;

CREATE FUNCTION @extschema@.create_secret(
    new_secret text, new_name text DEFAULT NULL, new_description text DEFAULT '', new_key_id uuid DEFAULT NULL
)
RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path TO '' AS $body$
    INSERT INTO @extschema@.secrets (secret, name, description)
    VALUES (new_secret, new_name, coalesce(new_description, ''))
    RETURNING id
$body$;

CREATE FUNCTION @extschema@.update_secret(
    secret_id uuid, new_secret text DEFAULT NULL, new_name text DEFAULT NULL, new_description text DEFAULT NULL,
    new_key_id uuid DEFAULT NULL
)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path TO '' AS $body$
    UPDATE @extschema@.secrets
    SET secret = coalesce(new_secret, secret), name = coalesce(new_name, name),
        description = coalesce(new_description, description), updated_at = now()
    WHERE id = secret_id
$body$;

REVOKE ALL ON FUNCTION @extschema@.create_secret(text, text, text, uuid),
    @extschema@.update_secret(uuid, text, text, text, uuid) FROM PUBLIC;

DO $grants$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
        GRANT EXECUTE ON FUNCTION @extschema@.create_secret(text, text, text, uuid),
            @extschema@.update_secret(uuid, text, text, text, uuid) TO postgres WITH GRANT OPTION;
        GRANT EXECUTE ON FUNCTION @extschema@.create_secret(text, text, text, uuid),
            @extschema@.update_secret(uuid, text, text, text, uuid) TO service_role;
        GRANT SELECT, DELETE, REFERENCES, TRUNCATE ON @extschema@.secrets, @extschema@.decrypted_secrets
            TO postgres WITH GRANT OPTION;
        GRANT SELECT, DELETE ON @extschema@.secrets, @extschema@.decrypted_secrets TO service_role;
    END IF;
END
$grants$;
