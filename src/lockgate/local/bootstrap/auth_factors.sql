-- The rest of the authentication service: second factors, single sign-on, provisioning, OAuth and passkeys; then who
-- may do what.

SET ROLE supabase_auth_admin;

CREATE TABLE auth.mfa_factors (
    id uuid CONSTRAINT mfa_factors_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT mfa_factors_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    friendly_name text,
    factor_type auth.factor_type NOT NULL,
    status auth.factor_status NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    secret text,
    phone text,
    last_challenged_at timestamptz CONSTRAINT mfa_factors_last_challenged_at_key UNIQUE,
    web_authn_credential jsonb,
    web_authn_aaguid uuid,
    last_webauthn_challenge_data jsonb
);
CREATE INDEX factor_id_created_at_idx ON auth.mfa_factors (user_id, created_at);
CREATE INDEX mfa_factors_user_id_idx ON auth.mfa_factors (user_id);
CREATE UNIQUE INDEX mfa_factors_user_friendly_name_unique ON auth.mfa_factors (friendly_name, user_id)
    WHERE btrim(friendly_name) <> '';
CREATE UNIQUE INDEX unique_phone_factor_per_user ON auth.mfa_factors (user_id, phone);
COMMENT ON TABLE auth.mfa_factors IS 'auth: stores metadata about factors';
COMMENT ON COLUMN auth.mfa_factors.last_webauthn_challenge_data IS
    'Stores the latest WebAuthn challenge data including attestation/assertion for customer verification';

CREATE TABLE auth.mfa_challenges (
    id uuid CONSTRAINT mfa_challenges_pkey PRIMARY KEY,
    factor_id uuid NOT NULL
        CONSTRAINT mfa_challenges_auth_factor_id_fkey REFERENCES auth.mfa_factors ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    ip_address inet NOT NULL,
    otp_code text,
    web_authn_session_data jsonb
);
CREATE INDEX mfa_challenge_created_at_idx ON auth.mfa_challenges (created_at DESC);
COMMENT ON TABLE auth.mfa_challenges IS 'auth: stores metadata about challenge requests made';

CREATE TABLE auth.mfa_amr_claims (
    session_id uuid NOT NULL
        CONSTRAINT mfa_amr_claims_session_id_fkey REFERENCES auth.sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    authentication_method text NOT NULL,
    id uuid CONSTRAINT amr_id_pk PRIMARY KEY,
    CONSTRAINT mfa_amr_claims_session_id_authentication_method_pkey UNIQUE (session_id, authentication_method)
);
COMMENT ON TABLE auth.mfa_amr_claims IS
    'auth: stores authenticator method reference claims for multi factor authentication';

CREATE TABLE auth.mfa_recovery_code_sets (
    id uuid CONSTRAINT mfa_recovery_code_sets_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT mfa_recovery_code_sets_user_id_key UNIQUE
        CONSTRAINT mfa_recovery_code_sets_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    mfa_factor_id uuid NOT NULL CONSTRAINT mfa_recovery_code_sets_mfa_factor_id_key UNIQUE
        CONSTRAINT mfa_recovery_code_sets_mfa_factor_id_fkey REFERENCES auth.mfa_factors ON DELETE CASCADE,
    failed_verification_count integer DEFAULT 0 NOT NULL
        CONSTRAINT mfa_recovery_code_sets_failed_verification_count_check CHECK (failed_verification_count >= 0),
    verification_locked_until timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL
);

CREATE TABLE auth.mfa_recovery_codes (
    id uuid CONSTRAINT mfa_recovery_codes_pkey PRIMARY KEY,
    mfa_recovery_code_set_id uuid NOT NULL CONSTRAINT mfa_recovery_codes_mfa_recovery_code_set_id_fkey
        REFERENCES auth.mfa_recovery_code_sets ON DELETE CASCADE,
    code_hash text NOT NULL,
    consumed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL
);
CREATE INDEX mfa_recovery_codes_set_id_idx ON auth.mfa_recovery_codes (mfa_recovery_code_set_id);

CREATE TABLE auth.sso_providers (
    id uuid CONSTRAINT sso_providers_pkey PRIMARY KEY,
    resource_id text CONSTRAINT "resource_id not empty"
        CHECK (resource_id = NULL::text OR char_length(resource_id) > 0),
    created_at timestamptz,
    updated_at timestamptz,
    disabled boolean
);
CREATE UNIQUE INDEX sso_providers_resource_id_idx ON auth.sso_providers (lower(resource_id));
CREATE INDEX sso_providers_resource_id_pattern_idx ON auth.sso_providers (resource_id text_pattern_ops);
COMMENT ON TABLE auth.sso_providers IS
    'Auth: Manages SSO identity provider information; see saml_providers for SAML.';

CREATE TABLE auth.sso_domains (
    id uuid CONSTRAINT sso_domains_pkey PRIMARY KEY,
    sso_provider_id uuid NOT NULL
        CONSTRAINT sso_domains_sso_provider_id_fkey REFERENCES auth.sso_providers ON DELETE CASCADE,
    domain text NOT NULL CONSTRAINT "domain not empty" CHECK (char_length(domain) > 0),
    created_at timestamptz,
    updated_at timestamptz
);
CREATE UNIQUE INDEX sso_domains_domain_idx ON auth.sso_domains (lower(domain));
CREATE INDEX sso_domains_sso_provider_id_idx ON auth.sso_domains (sso_provider_id);
COMMENT ON TABLE auth.sso_domains IS
    'Auth: Manages SSO email address domain mapping to an SSO Identity Provider.';

CREATE TABLE auth.scim_tokens (
    id uuid CONSTRAINT scim_tokens_pkey PRIMARY KEY,
    sso_provider_id uuid NOT NULL
        CONSTRAINT scim_tokens_sso_provider_id_fkey REFERENCES auth.sso_providers ON DELETE CASCADE,
    token_hash text NOT NULL CONSTRAINT scim_tokens_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    prefix text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT scim_tokens_expires_at_future CHECK (expires_at IS NULL OR expires_at > created_at),
    CONSTRAINT scim_tokens_revoked_after_created CHECK (revoked_at IS NULL OR revoked_at >= created_at)
);
CREATE UNIQUE INDEX scim_tokens_token_hash_key ON auth.scim_tokens (token_hash);
CREATE INDEX scim_tokens_sso_provider_id_idx ON auth.scim_tokens (sso_provider_id);
CREATE INDEX scim_tokens_expires_at_idx ON auth.scim_tokens (expires_at);
CREATE INDEX scim_tokens_revoked_at_idx ON auth.scim_tokens (revoked_at);

CREATE TABLE auth.scim_users (
    id uuid CONSTRAINT scim_users_pkey PRIMARY KEY,
    sso_provider_id uuid NOT NULL
        CONSTRAINT scim_users_sso_provider_id_fkey REFERENCES auth.sso_providers ON DELETE CASCADE,
    user_id uuid CONSTRAINT scim_users_user_id_fkey REFERENCES auth.users ON DELETE SET NULL,
    resource jsonb NOT NULL,
    user_name text GENERATED ALWAYS AS (lower(resource ->> 'userName')) STORED NOT NULL,
    external_id text GENERATED ALWAYS AS (resource ->> 'externalId') STORED,
    active boolean GENERATED ALWAYS AS (coalesce((resource ->> 'active')::boolean, true)) STORED NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX scim_users_user_name_key ON auth.scim_users (sso_provider_id, user_name)
    WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX scim_users_external_id_key ON auth.scim_users (sso_provider_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX scim_users_user_id_idx ON auth.scim_users (user_id);
CREATE INDEX scim_users_sso_provider_id_idx ON auth.scim_users (sso_provider_id);
CREATE INDEX scim_users_deleted_at_idx ON auth.scim_users (deleted_at);
CREATE INDEX scim_users_id_idx ON auth.scim_users (sso_provider_id, id) WHERE deleted_at IS NULL;
CREATE INDEX scim_users_user_name_idx ON auth.scim_users (sso_provider_id, user_name COLLATE "C", id)
    WHERE deleted_at IS NULL;
CREATE INDEX scim_users_created_at_idx ON auth.scim_users (sso_provider_id, created_at, id)
    WHERE deleted_at IS NULL;
CREATE INDEX scim_users_updated_at_idx ON auth.scim_users (sso_provider_id, updated_at, id)
    WHERE deleted_at IS NULL;

CREATE TABLE auth.saml_providers (
    id uuid CONSTRAINT saml_providers_pkey PRIMARY KEY,
    sso_provider_id uuid NOT NULL
        CONSTRAINT saml_providers_sso_provider_id_fkey REFERENCES auth.sso_providers ON DELETE CASCADE,
    entity_id text NOT NULL CONSTRAINT saml_providers_entity_id_key UNIQUE
        CONSTRAINT "entity_id not empty" CHECK (char_length(entity_id) > 0),
    metadata_xml text NOT NULL CONSTRAINT "metadata_xml not empty" CHECK (char_length(metadata_xml) > 0),
    metadata_url text CONSTRAINT "metadata_url not empty"
        CHECK (metadata_url = NULL::text OR char_length(metadata_url) > 0),
    attribute_mapping jsonb,
    created_at timestamptz,
    updated_at timestamptz,
    name_id_format text
);
CREATE INDEX saml_providers_sso_provider_id_idx ON auth.saml_providers (sso_provider_id);
COMMENT ON TABLE auth.saml_providers IS 'Auth: Manages SAML Identity Provider connections.';

CREATE TABLE auth.saml_relay_states (
    id uuid CONSTRAINT saml_relay_states_pkey PRIMARY KEY,
    sso_provider_id uuid NOT NULL
        CONSTRAINT saml_relay_states_sso_provider_id_fkey REFERENCES auth.sso_providers ON DELETE CASCADE,
    request_id text NOT NULL CONSTRAINT "request_id not empty" CHECK (char_length(request_id) > 0),
    for_email text,
    redirect_to text,
    created_at timestamptz,
    updated_at timestamptz,
    flow_state_id uuid
        CONSTRAINT saml_relay_states_flow_state_id_fkey REFERENCES auth.flow_state ON DELETE CASCADE
);
CREATE INDEX saml_relay_states_created_at_idx ON auth.saml_relay_states (created_at DESC);
CREATE INDEX saml_relay_states_for_email_idx ON auth.saml_relay_states (for_email);
CREATE INDEX saml_relay_states_sso_provider_id_idx ON auth.saml_relay_states (sso_provider_id);
COMMENT ON TABLE auth.saml_relay_states IS
    'Auth: Contains SAML Relay State information for each Service Provider initiated login.';

CREATE TABLE auth.oauth_client_states (
    id uuid CONSTRAINT oauth_client_states_pkey PRIMARY KEY,
    provider_type text NOT NULL,
    code_verifier text,
    created_at timestamptz NOT NULL
);
CREATE INDEX idx_oauth_client_states_created_at ON auth.oauth_client_states (created_at);
COMMENT ON TABLE auth.oauth_client_states IS
    'Stores OAuth states for third-party provider authentication flows where Supabase acts as the OAuth client.';

CREATE TABLE auth.oauth_authorizations (
    id uuid CONSTRAINT oauth_authorizations_pkey PRIMARY KEY,
    authorization_id text NOT NULL CONSTRAINT oauth_authorizations_authorization_id_key UNIQUE,
    client_id uuid NOT NULL
        CONSTRAINT oauth_authorizations_client_id_fkey REFERENCES auth.oauth_clients ON DELETE CASCADE,
    user_id uuid CONSTRAINT oauth_authorizations_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    redirect_uri text NOT NULL,
    scope text NOT NULL,
    state text,
    resource text,
    code_challenge text,
    code_challenge_method auth.code_challenge_method,
    response_type auth.oauth_response_type DEFAULT 'code' NOT NULL,
    status auth.oauth_authorization_status DEFAULT 'pending' NOT NULL,
    authorization_code text CONSTRAINT oauth_authorizations_authorization_code_key UNIQUE,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz DEFAULT (now() + '00:03:00'::interval) NOT NULL,
    approved_at timestamptz,
    nonce text,
    CONSTRAINT oauth_authorizations_authorization_code_length CHECK (char_length(authorization_code) <= 255),
    CONSTRAINT oauth_authorizations_code_challenge_length CHECK (char_length(code_challenge) <= 128),
    CONSTRAINT oauth_authorizations_expires_at_future CHECK (expires_at > created_at),
    CONSTRAINT oauth_authorizations_nonce_length CHECK (char_length(nonce) <= 255),
    CONSTRAINT oauth_authorizations_redirect_uri_length CHECK (char_length(redirect_uri) <= 2048),
    CONSTRAINT oauth_authorizations_resource_length CHECK (char_length(resource) <= 2048),
    CONSTRAINT oauth_authorizations_scope_length CHECK (char_length(scope) <= 4096),
    CONSTRAINT oauth_authorizations_state_length CHECK (char_length(state) <= 4096)
);
CREATE INDEX oauth_auth_pending_exp_idx ON auth.oauth_authorizations (expires_at) WHERE status = 'pending';

CREATE TABLE auth.oauth_consents (
    id uuid CONSTRAINT oauth_consents_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT oauth_consents_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    client_id uuid NOT NULL
        CONSTRAINT oauth_consents_client_id_fkey REFERENCES auth.oauth_clients ON DELETE CASCADE,
    scopes text NOT NULL,
    granted_at timestamptz DEFAULT now() NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT oauth_consents_user_client_unique UNIQUE (user_id, client_id),
    CONSTRAINT oauth_consents_revoked_after_granted CHECK (revoked_at IS NULL OR revoked_at >= granted_at),
    CONSTRAINT oauth_consents_scopes_length CHECK (char_length(scopes) <= 2048),
    CONSTRAINT oauth_consents_scopes_not_empty CHECK (char_length(btrim(scopes)) > 0)
);
CREATE INDEX oauth_consents_active_client_idx ON auth.oauth_consents (client_id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_consents_active_user_client_idx ON auth.oauth_consents (user_id, client_id)
    WHERE revoked_at IS NULL;
CREATE INDEX oauth_consents_user_order_idx ON auth.oauth_consents (user_id, granted_at DESC);

CREATE TABLE auth.custom_oauth_providers (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT custom_oauth_providers_pkey PRIMARY KEY,
    provider_type text NOT NULL
        CONSTRAINT custom_oauth_providers_provider_type_check CHECK (provider_type IN ('oauth2', 'oidc')),
    identifier text NOT NULL CONSTRAINT custom_oauth_providers_identifier_key UNIQUE
        CONSTRAINT custom_oauth_providers_identifier_format CHECK (identifier ~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$'),
    name text NOT NULL,
    client_id text NOT NULL,
    client_secret text NOT NULL,
    acceptable_client_ids text[] DEFAULT '{}' NOT NULL,
    scopes text[] DEFAULT '{}' NOT NULL,
    pkce_enabled boolean DEFAULT true NOT NULL,
    attribute_mapping jsonb DEFAULT '{}' NOT NULL,
    authorization_params jsonb DEFAULT '{}' NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    email_optional boolean DEFAULT false NOT NULL,
    issuer text,
    discovery_url text,
    skip_nonce_check boolean DEFAULT false NOT NULL,
    cached_discovery jsonb,
    discovery_cached_at timestamptz,
    authorization_url text,
    token_url text,
    userinfo_url text,
    jwks_uri text,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    custom_claims_allowlist text[] DEFAULT '{}' NOT NULL,
    CONSTRAINT custom_oauth_providers_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT custom_oauth_providers_client_id_length CHECK (char_length(client_id) BETWEEN 1 AND 512),
    CONSTRAINT custom_oauth_providers_issuer_length CHECK (issuer IS NULL OR char_length(issuer) BETWEEN 1 AND 2048),
    CONSTRAINT custom_oauth_providers_discovery_url_length
        CHECK (discovery_url IS NULL OR char_length(discovery_url) <= 2048),
    CONSTRAINT custom_oauth_providers_authorization_url_length
        CHECK (authorization_url IS NULL OR char_length(authorization_url) <= 2048),
    CONSTRAINT custom_oauth_providers_token_url_length CHECK (token_url IS NULL OR char_length(token_url) <= 2048),
    CONSTRAINT custom_oauth_providers_userinfo_url_length
        CHECK (userinfo_url IS NULL OR char_length(userinfo_url) <= 2048),
    CONSTRAINT custom_oauth_providers_jwks_uri_length CHECK (jwks_uri IS NULL OR char_length(jwks_uri) <= 2048),
    CONSTRAINT custom_oauth_providers_authorization_url_https
        CHECK (authorization_url IS NULL OR authorization_url LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_token_url_https CHECK (token_url IS NULL OR token_url LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_userinfo_url_https
        CHECK (userinfo_url IS NULL OR userinfo_url LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_jwks_uri_https CHECK (jwks_uri IS NULL OR jwks_uri LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_oidc_issuer_https
        CHECK (provider_type <> 'oidc' OR issuer IS NULL OR issuer LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_oidc_discovery_url_https
        CHECK (provider_type <> 'oidc' OR discovery_url IS NULL OR discovery_url LIKE 'https://%'),
    CONSTRAINT custom_oauth_providers_oidc_requires_issuer CHECK (provider_type <> 'oidc' OR issuer IS NOT NULL),
    CONSTRAINT custom_oauth_providers_oauth2_requires_endpoints CHECK (
        provider_type <> 'oauth2'
        OR (authorization_url IS NOT NULL AND token_url IS NOT NULL AND userinfo_url IS NOT NULL)
    )
);
CREATE INDEX custom_oauth_providers_created_at_idx ON auth.custom_oauth_providers (created_at);
CREATE INDEX custom_oauth_providers_enabled_idx ON auth.custom_oauth_providers (enabled);
CREATE INDEX custom_oauth_providers_identifier_idx ON auth.custom_oauth_providers (identifier);
CREATE INDEX custom_oauth_providers_provider_type_idx ON auth.custom_oauth_providers (provider_type);

CREATE TABLE auth.webauthn_challenges (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT webauthn_challenges_pkey PRIMARY KEY,
    user_id uuid CONSTRAINT webauthn_challenges_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    challenge_type text NOT NULL CONSTRAINT webauthn_challenges_challenge_type_check
        CHECK (challenge_type IN ('signup', 'registration', 'authentication')),
    session_data jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX webauthn_challenges_expires_at_idx ON auth.webauthn_challenges (expires_at);
CREATE INDEX webauthn_challenges_user_id_idx ON auth.webauthn_challenges (user_id);

CREATE TABLE auth.webauthn_credentials (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT webauthn_credentials_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT webauthn_credentials_user_id_fkey REFERENCES auth.users ON DELETE CASCADE,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    attestation_type text DEFAULT '' NOT NULL,
    aaguid uuid,
    sign_count bigint DEFAULT 0 NOT NULL,
    transports jsonb DEFAULT '[]' NOT NULL,
    backup_eligible boolean DEFAULT false NOT NULL,
    backed_up boolean DEFAULT false NOT NULL,
    friendly_name text DEFAULT '' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX webauthn_credentials_credential_id_key ON auth.webauthn_credentials (credential_id);
CREATE INDEX webauthn_credentials_user_id_idx ON auth.webauthn_credentials (user_id);

-- Tables up to the middle of 2024 have row-level security without a policy, and are read-shared by postgres.
DO $access$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'audit_log_entries', 'flow_state', 'identities', 'instances', 'mfa_amr_claims', 'mfa_challenges',
        'mfa_factors', 'one_time_tokens', 'refresh_tokens', 'saml_providers', 'saml_relay_states', 'sessions',
        'sso_domains', 'sso_providers', 'users', 'schema_migrations'
    ]
    LOOP
        EXECUTE format('ALTER TABLE auth.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('GRANT SELECT ON auth.%I TO postgres WITH GRANT OPTION', name);
    END LOOP;
END
$access$;
REVOKE ALL ON auth.schema_migrations FROM postgres, dashboard_user;
GRANT SELECT ON auth.schema_migrations TO postgres WITH GRANT OPTION;

RESET ROLE;
