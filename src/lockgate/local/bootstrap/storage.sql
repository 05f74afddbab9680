-- The schema of the storage service: buckets and objects as data, and the triggers that keep rows from being deleted
-- and controls from being set behind the service's back. What lists and searches them is in storage_functions.sql.

SET ROLE supabase_storage_admin;

CREATE TYPE storage.buckettype AS ENUM ('STANDARD', 'ANALYTICS', 'VECTOR');

CREATE TABLE storage.migrations (
    id integer CONSTRAINT migrations_pkey PRIMARY KEY,
    name varchar(100) NOT NULL CONSTRAINT migrations_name_key UNIQUE,
    hash varchar(40) NOT NULL,
    executed_at timestamp DEFAULT current_timestamp
);

CREATE TABLE storage.buckets (
    id text CONSTRAINT buckets_pkey PRIMARY KEY,
    name text NOT NULL,
    owner uuid,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    public boolean DEFAULT false,
    avif_autodetection boolean DEFAULT false,
    file_size_limit bigint,
    allowed_mime_types text[],
    owner_id text,
    type storage.buckettype DEFAULT 'STANDARD' NOT NULL,
    versioning_status text DEFAULT 'DISABLED' NOT NULL,
    lifecycle_configuration jsonb,
    lifecycle_configuration_generation uuid,
    CONSTRAINT buckets_versioning_status_check CHECK (versioning_status IN ('DISABLED', 'ENABLED', 'SUSPENDED')),
    CONSTRAINT buckets_versioning_standard_only_check
        CHECK (type = 'STANDARD' OR versioning_status = 'DISABLED'),
    CONSTRAINT buckets_versioning_dark_check CHECK (versioning_status = 'DISABLED'),
    CONSTRAINT buckets_lifecycle_configuration_pair_check
        CHECK ((lifecycle_configuration IS NULL) = (lifecycle_configuration_generation IS NULL)),
    CONSTRAINT buckets_lifecycle_configuration_shape_check CHECK (
        lifecycle_configuration IS NULL
        OR (jsonb_typeof(lifecycle_configuration) = 'object' AND lifecycle_configuration ? 'rules'
            AND CASE WHEN jsonb_typeof(lifecycle_configuration -> 'rules') = 'array'
                THEN jsonb_array_length(lifecycle_configuration -> 'rules') BETWEEN 1 AND 1000 ELSE false END)
    ),
    CONSTRAINT buckets_lifecycle_configuration_standard_only_check CHECK (
        type = 'STANDARD'
        OR (lifecycle_configuration IS NULL AND lifecycle_configuration_generation IS NULL)
    )
);
CREATE UNIQUE INDEX bname ON storage.buckets (name);
COMMENT ON COLUMN storage.buckets.owner IS 'Field is deprecated, use owner_id instead';

CREATE TABLE storage.objects (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT objects_pkey PRIMARY KEY,
    bucket_id text CONSTRAINT "objects_bucketId_fkey" REFERENCES storage.buckets,
    name text,
    owner uuid,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    last_accessed_at timestamptz DEFAULT now(),
    metadata jsonb,
    path_tokens text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED,
    version text,
    owner_id text,
    user_metadata jsonb,
    archived_at timestamptz,
    is_delete_marker boolean DEFAULT false NOT NULL,
    is_versioned boolean DEFAULT false NOT NULL
);
CREATE UNIQUE INDEX objects_bucket_id_name_version_key ON storage.objects (bucket_id, name COLLATE "C", version)
    NULLS NOT DISTINCT;
CREATE UNIQUE INDEX idx_objects_current_version ON storage.objects (bucket_id, name COLLATE "C")
    WHERE archived_at IS NULL;
CREATE UNIQUE INDEX idx_objects_null_version ON storage.objects (bucket_id, name COLLATE "C")
    WHERE NOT is_versioned;
CREATE INDEX idx_objects_delete_markers ON storage.objects (bucket_id, name COLLATE "C") WHERE is_delete_marker;
CREATE INDEX idx_objects_bucket_id_name ON storage.objects (bucket_id, name COLLATE "C");
CREATE INDEX idx_objects_bucket_id_name_lower ON storage.objects (bucket_id, lower(name) COLLATE "C");
CREATE INDEX name_prefix_search ON storage.objects (name text_pattern_ops);
COMMENT ON COLUMN storage.objects.owner IS 'Field is deprecated, use owner_id instead';

CREATE TABLE storage.s3_multipart_uploads (
    id text CONSTRAINT s3_multipart_uploads_pkey PRIMARY KEY,
    in_progress_size bigint DEFAULT 0 NOT NULL,
    upload_signature text NOT NULL,
    bucket_id text NOT NULL CONSTRAINT s3_multipart_uploads_bucket_id_fkey REFERENCES storage.buckets,
    key text COLLATE "C" NOT NULL,
    version text NOT NULL,
    owner_id text,
    created_at timestamptz DEFAULT now() NOT NULL,
    user_metadata jsonb,
    metadata jsonb
);
CREATE INDEX idx_multipart_uploads_list ON storage.s3_multipart_uploads (bucket_id, key, created_at);

CREATE TABLE storage.s3_multipart_uploads_parts (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT s3_multipart_uploads_parts_pkey PRIMARY KEY,
    upload_id text NOT NULL CONSTRAINT s3_multipart_uploads_parts_upload_id_fkey
        REFERENCES storage.s3_multipart_uploads ON DELETE CASCADE,
    size bigint DEFAULT 0 NOT NULL,
    part_number integer NOT NULL,
    bucket_id text NOT NULL CONSTRAINT s3_multipart_uploads_parts_bucket_id_fkey REFERENCES storage.buckets,
    key text COLLATE "C" NOT NULL,
    etag text NOT NULL,
    owner_id text,
    version text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL
);

CREATE TABLE storage.buckets_analytics (
    name text NOT NULL,
    type storage.buckettype DEFAULT 'ANALYTICS' NOT NULL,
    format text DEFAULT 'ICEBERG' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    id uuid DEFAULT gen_random_uuid() CONSTRAINT buckets_analytics_pkey PRIMARY KEY,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX buckets_analytics_unique_name_idx ON storage.buckets_analytics (name) WHERE deleted_at IS NULL;

CREATE TABLE storage.buckets_vectors (
    id text CONSTRAINT buckets_vectors_pkey PRIMARY KEY,
    type storage.buckettype DEFAULT 'VECTOR' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL
);

CREATE TABLE storage.vector_indexes (
    id text DEFAULT gen_random_uuid() CONSTRAINT vector_indexes_pkey PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    bucket_id text NOT NULL CONSTRAINT vector_indexes_bucket_id_fkey REFERENCES storage.buckets_vectors,
    data_type text NOT NULL,
    dimension integer NOT NULL,
    distance_metric text NOT NULL,
    metadata_configuration jsonb,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL
);
CREATE UNIQUE INDEX vector_indexes_name_bucket_id_idx ON storage.vector_indexes (name, bucket_id);

CREATE FUNCTION storage.enforce_bucket_name_length() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF length(new.name) > 100 THEN
        RAISE EXCEPTION 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
    END IF;
    RETURN new;
END
$body$;
CREATE TRIGGER enforce_bucket_name_length_trigger BEFORE INSERT OR UPDATE OF name ON storage.buckets
    FOR EACH ROW EXECUTE FUNCTION storage.enforce_bucket_name_length();

CREATE FUNCTION storage.update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    new.updated_at = now();
    RETURN new;
END
$body$;
CREATE TRIGGER update_objects_updated_at BEFORE UPDATE ON storage.objects
    FOR EACH ROW EXECUTE FUNCTION storage.update_updated_at_column();

CREATE FUNCTION storage.protect_delete() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF current_setting('storage.allow_delete_query', true) IS DISTINCT FROM 'true' THEN
        RAISE EXCEPTION 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'This prevents accidental data loss from orphaned objects.';
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER protect_buckets_delete BEFORE DELETE ON storage.buckets
    FOR EACH STATEMENT EXECUTE FUNCTION storage.protect_delete();
CREATE TRIGGER protect_objects_delete BEFORE DELETE ON storage.objects
    FOR EACH STATEMENT EXECUTE FUNCTION storage.protect_delete();

-- A bucket's lifecycle is set by the service: an INSERT by others is refused before, an UPDATE after their policies.
CREATE FUNCTION storage.protect_bucket_control_columns() RETURNS trigger LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
DECLARE
    removed boolean := new.lifecycle_configuration IS NULL AND new.lifecycle_configuration_generation IS NULL;
BEGIN
    IF tg_op = 'INSERT' THEN
        IF NOT removed AND NOT pg_has_role(current_user, tg_argv[0], 'MEMBER') THEN
            RAISE EXCEPTION 'only members of the configured storage service role may insert lifecycle policy state'
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'Leave both lifecycle columns out and set the lifecycle through the Storage API.';
        END IF;
    ELSIF (old.lifecycle_configuration, old.lifecycle_configuration_generation)
          IS DISTINCT FROM (new.lifecycle_configuration, new.lifecycle_configuration_generation) THEN
        IF new.type <> 'STANDARD' THEN
            RAISE EXCEPTION 'bucket versioning and lifecycle controls require a Standard bucket'
                USING ERRCODE = 'feature_not_supported';
        ELSIF NOT removed AND (
            new.lifecycle_configuration IS NULL OR new.lifecycle_configuration_generation IS NULL
            OR old.lifecycle_configuration IS NOT DISTINCT FROM new.lifecycle_configuration
            OR old.lifecycle_configuration_generation IS NOT DISTINCT FROM new.lifecycle_configuration_generation
        ) THEN
            RAISE EXCEPTION 'a changed lifecycle policy requires a new non-null generation'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    RETURN new;
END
$body$;

CREATE FUNCTION storage.enforce_bucket_lifecycle_service_role() RETURNS trigger LANGUAGE plpgsql
SET search_path TO pg_catalog AS $body$
BEGIN
    IF current_user <> tg_argv[0]
       AND (old.lifecycle_configuration, old.lifecycle_configuration_generation)
           IS DISTINCT FROM (new.lifecycle_configuration, new.lifecycle_configuration_generation) THEN
        RAISE EXCEPTION 'bucket control columns may only be changed by the configured storage service role'
            USING ERRCODE = 'PST01', SCHEMA = tg_table_schema, TABLE = tg_table_name, CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER protect_bucket_control_insert BEFORE INSERT ON storage.buckets
    FOR EACH ROW EXECUTE FUNCTION storage.protect_bucket_control_columns('service_role');
CREATE TRIGGER protect_bucket_control_update
    BEFORE UPDATE OF lifecycle_configuration, lifecycle_configuration_generation ON storage.buckets
    FOR EACH ROW EXECUTE FUNCTION storage.protect_bucket_control_columns();
CREATE TRIGGER protect_bucket_control_update_role
    AFTER UPDATE OF lifecycle_configuration, lifecycle_configuration_generation ON storage.buckets
    FOR EACH ROW EXECUTE FUNCTION storage.enforce_bucket_lifecycle_service_role('service_role');

ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.buckets_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.buckets_vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.s3_multipart_uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.s3_multipart_uploads_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.vector_indexes ENABLE ROW LEVEL SECURITY;

GRANT ALL ON storage.buckets, storage.objects TO supabase_storage_admin, postgres WITH GRANT OPTION;
GRANT ALL ON storage.buckets, storage.objects, storage.buckets_analytics TO anon, authenticated, service_role;
GRANT ALL ON storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts TO service_role;
GRANT SELECT ON storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts TO anon, authenticated;
GRANT SELECT ON storage.buckets_vectors, storage.vector_indexes TO anon, authenticated, service_role;

RESET ROLE;
