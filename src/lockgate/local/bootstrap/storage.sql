-- The schema of the storage service: buckets and objects as data, their helper functions, and the triggers that
-- keep rows from being deleted behind the service's back.

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
    versioning_status text
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
CREATE UNIQUE INDEX bucketid_objname ON storage.objects (bucket_id, name);
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

-- What policies call: the folders, the file name and the extension of an object's name, and the request at hand.
CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE sql IMMUTABLE
RETURN (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1];

CREATE FUNCTION storage.filename(name text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN split_part(name, '/', -1);

CREATE FUNCTION storage.extension(name text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN split_part(split_part(name, '/', -1), '.', -1);

CREATE FUNCTION storage.operation() RETURNS text LANGUAGE sql STABLE
RETURN current_setting('storage.operation', true);

CREATE FUNCTION storage.allow_any_operation(expected_operations text[]) RETURNS boolean LANGUAGE sql STABLE
RETURN coalesce(
    regexp_replace(storage.operation(), '^storage\.', '') = ANY (
        SELECT regexp_replace(expected, '^storage\.', '') FROM unnest(expected_operations) AS expected
        WHERE expected <> ''
    ), false);

CREATE FUNCTION storage.allow_only_operation(expected_operation text) RETURNS boolean LANGUAGE sql STABLE
RETURN storage.allow_any_operation(ARRAY[expected_operation]);

-- The folder right below a prefix that a name lies in, with its delimiter; null when the name lies at the prefix.
CREATE FUNCTION storage.get_common_prefix(p_key text, p_prefix text, p_delimiter text)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN strpos(substr(p_key, length(p_prefix) + 1), p_delimiter) > 0 THEN
    left(p_key, length(p_prefix) + strpos(substr(p_key, length(p_prefix) + 1), p_delimiter)
                + length(p_delimiter) - 1)
END;

CREATE FUNCTION storage.get_size_by_bucket() RETURNS TABLE (size bigint, bucket_id text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id FROM storage.objects o GROUP BY o.bucket_id;
END;

-- Raises PT200 when the row could be inserted, so that nothing stays; the row-level security's error otherwise.
CREATE FUNCTION storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO storage.objects (bucket_id, name, owner, metadata) VALUES (bucketid, name, owner, metadata);
    RAISE EXCEPTION SQLSTATE 'PT200' USING MESSAGE = 'ROLLBACK', DETAIL = 'rollback successful insert';
END
$body$;

CREATE FUNCTION storage.list_objects_with_delimiter(
    _bucket_id text, prefix_param text, delimiter_param text, max_keys integer DEFAULT 100,
    start_after text DEFAULT '', next_token text DEFAULT '', sort_order text DEFAULT 'asc'
)
RETURNS TABLE (
    name text, id uuid, metadata jsonb,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz
)
LANGUAGE sql STABLE AS $body$
    WITH place AS (
        SELECT coalesce(nullif(next_token, ''), start_after, '') AS after,
               lower(coalesce(sort_order, 'asc')) <> 'desc' AS ascending
    ), entries AS (
        SELECT rtrim(folder, delimiter_param) AS entry, NULL::storage.objects AS object
        FROM storage.objects o
        CROSS JOIN LATERAL storage.get_common_prefix(o.name, coalesce(prefix_param, ''), delimiter_param) AS folder
        WHERE o.bucket_id = _bucket_id AND starts_with(o.name, coalesce(prefix_param, '')) AND folder IS NOT NULL
        GROUP BY folder
        UNION ALL
        SELECT o.name, o
        FROM storage.objects o
        WHERE o.bucket_id = _bucket_id AND starts_with(o.name, coalesce(prefix_param, ''))
          AND storage.get_common_prefix(o.name, coalesce(prefix_param, ''), delimiter_param) IS NULL
    )
    SELECT entry, (object).id, (object).metadata,
           (object).updated_at, (object).created_at, (object).last_accessed_at
    FROM entries, place
    WHERE after = ''
       OR CASE WHEN ascending THEN entry COLLATE "C" > after ELSE entry COLLATE "C" < after END
    ORDER BY CASE WHEN ascending THEN entry END COLLATE "C" ASC, entry COLLATE "C" DESC
    LIMIT max_keys
$body$;

CREATE FUNCTION storage.list_multipart_uploads_with_delimiter(
    bucket_id text, prefix_param text, delimiter_param text, max_keys integer DEFAULT 100,
    next_key_token text DEFAULT '', next_upload_token text DEFAULT ''
)
RETURNS TABLE (key text, id text, created_at timestamptz) LANGUAGE sql STABLE AS $body$
    SELECT DISTINCT ON (entry COLLATE "C") entry, upload.id, upload.created_at
    FROM storage.s3_multipart_uploads upload
    CROSS JOIN LATERAL (
        SELECT coalesce(storage.get_common_prefix(upload.key, prefix_param, delimiter_param), upload.key) AS entry
    ) AS names
    WHERE upload.bucket_id = $1 AND starts_with(upload.key, prefix_param)
      AND (next_key_token = '' OR next_upload_token <> '' OR entry COLLATE "C" > next_key_token)
      AND (next_upload_token = '' OR upload.id COLLATE "C" > next_upload_token)
    ORDER BY entry COLLATE "C", upload.created_at
    LIMIT max_keys
$body$;

CREATE FUNCTION storage.search_by_timestamp(
    p_prefix text, p_bucket_id text, p_limit integer, p_level integer, p_start_after text,
    p_sort_order text, p_sort_column text, p_sort_column_after text
)
RETURNS TABLE (
    key text, name text, id uuid,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
LANGUAGE sql STABLE AS $body$
    WITH entries AS (
        SELECT coalesce(rtrim(folder, '/'), o.name) AS entry,
               CASE WHEN folder IS NULL THEN o.id END AS id,
               CASE WHEN folder IS NULL THEN o.updated_at ELSE o.created_at END AS updated_at,
               o.created_at,
               CASE WHEN folder IS NULL THEN o.last_accessed_at END AS last_accessed_at,
               CASE WHEN folder IS NULL THEN o.metadata END AS metadata
        FROM storage.objects o
        CROSS JOIN LATERAL storage.get_common_prefix(o.name, coalesce(p_prefix, ''), '/') AS folder
        WHERE o.bucket_id = p_bucket_id AND starts_with(o.name, coalesce(p_prefix, ''))
    ), grouped AS (
        SELECT entry, (array_agg(id))[1] AS id, min(updated_at) AS updated_at, min(created_at) AS created_at,
               min(last_accessed_at) AS last_accessed_at, (array_agg(metadata))[1] AS metadata
        FROM entries GROUP BY entry
    ), keyed AS (
        SELECT *, date_trunc('milliseconds', CASE p_sort_column WHEN 'updated_at' THEN updated_at
                                                               ELSE created_at END) AS moment
        FROM grouped
    )
    SELECT split_part(entry, '/', p_level), entry, id, updated_at, created_at, last_accessed_at, metadata
    FROM keyed
    WHERE coalesce(p_start_after, '') = ''
       OR CASE WHEN p_sort_order = 'asc'
          THEN (moment, entry COLLATE "C") > (coalesce(nullif(p_sort_column_after, '')::timestamptz, 'epoch'), p_start_after)
          ELSE (moment, entry COLLATE "C") < (coalesce(nullif(p_sort_column_after, '')::timestamptz, 'epoch'), p_start_after)
          END
    ORDER BY CASE WHEN p_sort_order = 'asc' THEN moment END ASC,
             CASE WHEN p_sort_order <> 'asc' THEN moment END DESC,
             CASE WHEN p_sort_order = 'asc' THEN entry END COLLATE "C" ASC,
             entry COLLATE "C" DESC
    LIMIT p_limit
$body$;

CREATE FUNCTION storage.search_v2(
    prefix text, bucket_name text, limits integer DEFAULT 100, levels integer DEFAULT 1,
    start_after text DEFAULT '', sort_order text DEFAULT 'asc', sort_column text DEFAULT 'name',
    sort_column_after text DEFAULT ''
)
RETURNS TABLE (
    key text, name text, id uuid,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    IF lower(sort_column) IN ('updated_at', 'created_at') THEN
        RETURN QUERY SELECT * FROM storage.search_by_timestamp(
            prefix, bucket_name, least(limits, 1500), levels, start_after, lower(sort_order), lower(sort_column),
            sort_column_after);
    ELSE
        RETURN QUERY SELECT split_part(l.name, '/', levels), l.name, l.id, l.updated_at, l.created_at,
                            l.last_accessed_at, l.metadata
            FROM storage.list_objects_with_delimiter(
                bucket_name, coalesce(prefix, ''), '/', least(limits, 1500), start_after, '', sort_order) AS l;
    END IF;
END
$body$;

CREATE FUNCTION storage.search(
    prefix text, bucketname text, limits integer DEFAULT 100, levels integer DEFAULT 1, offsets integer DEFAULT 0,
    search text DEFAULT '', sortcolumn text DEFAULT 'name', sortorder text DEFAULT 'asc'
)
RETURNS TABLE (
    name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
LANGUAGE plpgsql STABLE AS $body$
DECLARE
    direction text := CASE WHEN lower(sortorder) = 'desc' THEN 'DESC' ELSE 'ASC' END;
    ordering text := CASE WHEN lower(sortcolumn) IN ('updated_at', 'created_at', 'last_accessed_at')
                     THEN lower(sortcolumn) ELSE 'name' END;
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT * FROM (
            SELECT path_tokens[$1] AS name, NULL::uuid AS id, NULL::timestamptz AS updated_at,
                   NULL::timestamptz AS created_at, NULL::timestamptz AS last_accessed_at, NULL::jsonb AS metadata
            FROM storage.objects
            WHERE bucket_id = $3 AND starts_with(lower(name), lower($2)) AND cardinality(path_tokens) > $1
            GROUP BY path_tokens[$1]
            UNION ALL
            SELECT path_tokens[$1], id, updated_at, created_at, last_accessed_at, metadata
            FROM storage.objects
            WHERE bucket_id = $3 AND starts_with(lower(name), lower($2)) AND cardinality(path_tokens) = $1
        ) AS entries
        ORDER BY id IS NOT NULL, %1$I %2$s, name %2$s LIMIT $4 OFFSET $5
    $query$, ordering, direction)
    USING levels, coalesce(prefix, '') || coalesce(search, ''), bucketname, least(limits, 1500), offsets;
END
$body$;

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

ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.buckets_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.buckets_vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.s3_multipart_uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.s3_multipart_uploads_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.vector_indexes ENABLE ROW LEVEL SECURITY;

GRANT ALL ON storage.buckets, storage.objects TO postgres WITH GRANT OPTION;
GRANT ALL ON storage.buckets, storage.objects, storage.buckets_analytics TO anon, authenticated, service_role;
GRANT ALL ON storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts TO service_role;
GRANT SELECT ON storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts TO anon, authenticated;
GRANT SELECT ON storage.buckets_vectors, storage.vector_indexes TO anon, authenticated, service_role;

RESET ROLE;
