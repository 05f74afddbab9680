-- What policies and the storage service call: the parts of an object's name, the request at hand, and listings of the
-- objects below a prefix. A listing shows the current versions, unless it is asked for others.

SET ROLE supabase_storage_admin;

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
RETURN CASE WHEN p_delimiter <> '' AND strpos(substr(p_key, length(p_prefix) + 1), p_delimiter) > 0 THEN
    left(p_key, length(p_prefix) + strpos(substr(p_key, length(p_prefix) + 1), p_delimiter)
                + length(p_delimiter) - 1)
END;

CREATE FUNCTION storage.get_size_by_bucket(
    noncurrent_versions text DEFAULT 'include', delete_markers text DEFAULT 'include'
)
RETURNS TABLE (size bigint, bucket_id text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id
    FROM storage.objects o
    WHERE CASE noncurrent_versions WHEN 'exclude' THEN o.archived_at IS NULL
                                   WHEN 'only' THEN o.archived_at IS NOT NULL ELSE true END
      AND CASE delete_markers WHEN 'exclude' THEN NOT o.is_delete_marker
                              WHEN 'only' THEN o.is_delete_marker ELSE true END
    GROUP BY o.bucket_id;
END;

-- Raises PT200 when the row could be inserted, so that nothing stays; the row-level security's error otherwise.
CREATE FUNCTION storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO storage.objects (bucket_id, name, owner, metadata) VALUES (bucketid, name, owner, metadata);
    RAISE EXCEPTION SQLSTATE 'PT200' USING MESSAGE = 'ROLLBACK', DETAIL = 'rollback successful insert';
END
$body$;

-- Folders and files in the order of their names, after a cursor. A folder's cursor ends with the delimiter; within one
-- name the versions come newest first, and the cursor holds the moment and the version of the last one as well.
CREATE FUNCTION storage.list_objects_with_delimiter(
    _bucket_id text, prefix_param text, delimiter_param text, max_keys integer DEFAULT 100,
    start_after text DEFAULT '', next_token text DEFAULT '', sort_order text DEFAULT 'asc',
    noncurrent_versions text DEFAULT 'exclude', delete_markers text DEFAULT 'exclude',
    next_token_archived_at timestamptz DEFAULT NULL, next_token_version text DEFAULT ''
)
RETURNS TABLE (
    name text, id uuid, metadata jsonb,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz,
    version text, archived_at timestamptz, is_delete_marker boolean, is_versioned boolean
)
LANGUAGE sql STABLE AS $body$
    WITH place AS (
        SELECT coalesce(nullif(next_token, ''), start_after, '') AS after,
               lower(coalesce(sort_order, 'asc')) = 'asc' AS ascending,
               noncurrent_versions IN ('only', 'include') AND coalesce(next_token, '') <> '' AS within_name
    ), cursor AS (
        SELECT place.*, delimiter_param <> '' AND after LIKE '%' || delimiter_param
                        AND length(after) > length(coalesce(prefix_param, '')) AS at_folder
        FROM place
    ), visible AS (
        SELECT o AS object, coalesce(date_trunc('milliseconds', o.archived_at), 'infinity') AS moment,
               storage.get_common_prefix(o.name, coalesce(prefix_param, ''), delimiter_param) AS folder
        FROM storage.objects o, cursor
        WHERE o.bucket_id = _bucket_id AND starts_with(o.name, coalesce(prefix_param, ''))
          AND CASE noncurrent_versions WHEN 'include' THEN true WHEN 'only' THEN o.archived_at IS NOT NULL
                                       ELSE o.archived_at IS NULL END
          AND CASE delete_markers WHEN 'include' THEN true WHEN 'only' THEN o.is_delete_marker
                                  ELSE NOT o.is_delete_marker END
          AND (after = ''
               OR CASE WHEN NOT ascending THEN o.name COLLATE "C" < after
                       ELSE o.name COLLATE "C" > after AND NOT (at_folder AND starts_with(o.name, after)) END
               OR (within_name AND o.name = after AND (
                   next_token_archived_at IS NULL
                   OR coalesce(date_trunc('milliseconds', o.archived_at), 'infinity')
                      < date_trunc('milliseconds', next_token_archived_at)
                   OR (coalesce(date_trunc('milliseconds', o.archived_at), 'infinity')
                       = date_trunc('milliseconds', next_token_archived_at)
                       AND coalesce(o.version, '') > coalesce(next_token_version, '')))))
    ), entries AS (
        SELECT folder AS entry, NULL::storage.objects AS object, 'infinity'::timestamptz AS moment
        FROM visible WHERE folder IS NOT NULL GROUP BY folder
        UNION ALL
        SELECT (object).name, object, moment FROM visible WHERE folder IS NULL
    )
    SELECT entry, (object).id, (object).metadata,
           (object).updated_at, (object).created_at, (object).last_accessed_at,
           (object).version, (object).archived_at, (object).is_delete_marker, (object).is_versioned
    FROM entries, cursor
    ORDER BY CASE WHEN ascending THEN entry END COLLATE "C" ASC, entry COLLATE "C" DESC,
             moment DESC, coalesce((object).version, '') ASC
    LIMIT max_keys
$body$;

CREATE FUNCTION storage.list_multipart_uploads_with_delimiter(
    bucket_id text, prefix_param text, delimiter_param text, max_keys integer DEFAULT 100,
    next_key_token text DEFAULT '', next_upload_token text DEFAULT '', raw_prefix_param text DEFAULT NULL
)
RETURNS TABLE (key text, id text, created_at timestamptz) LANGUAGE sql STABLE AS $body$
    WITH uploads AS (
        SELECT upload.key, upload.id, upload.created_at,
               storage.get_common_prefix(upload.key, coalesce(raw_prefix_param, prefix_param), delimiter_param) AS folder
        FROM storage.s3_multipart_uploads upload
        WHERE upload.bucket_id = $1 AND upload.key COLLATE "C" LIKE prefix_param || '%'
    ), numbered AS (
        SELECT coalesce(folder, uploads.key) AS entry, uploads.id, uploads.created_at, folder,
               row_number() OVER (PARTITION BY coalesce(folder, uploads.key) COLLATE "C"
                                  ORDER BY uploads.created_at, uploads.id COLLATE "C") AS place
        FROM uploads
    )
    SELECT entry, numbered.id, numbered.created_at
    FROM numbered
    WHERE (folder IS NULL OR place = 1)
      AND (next_key_token = '' OR entry COLLATE "C" > next_key_token
           OR (entry = next_key_token AND folder IS NULL AND next_upload_token <> ''
               AND coalesce((numbered.created_at, numbered.id COLLATE "C") > (
                   SELECT marker.created_at, marker.id FROM storage.s3_multipart_uploads marker
                   WHERE marker.bucket_id = $1 AND marker.id = next_upload_token), true)))
    ORDER BY entry COLLATE "C", numbered.created_at, numbered.id COLLATE "C"
    LIMIT max_keys
$body$;

CREATE FUNCTION storage.search_by_timestamp(
    p_prefix text, p_bucket_id text, p_limit integer, p_level integer, p_start_after text,
    p_sort_order text, p_sort_column text, p_sort_column_after text,
    noncurrent_versions text DEFAULT 'exclude', delete_markers text DEFAULT 'exclude',
    p_start_after_version text DEFAULT ''
)
RETURNS TABLE (
    key text, name text, id uuid,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb,
    version text, archived_at timestamptz, is_delete_marker boolean, is_versioned boolean
)
LANGUAGE sql STABLE AS $body$
    WITH visible AS (
        SELECT o AS object, storage.get_common_prefix(o.name, coalesce(p_prefix, ''), '/') AS folder
        FROM storage.objects o
        WHERE o.bucket_id = p_bucket_id AND starts_with(o.name, coalesce(p_prefix, ''))
          AND CASE noncurrent_versions WHEN 'include' THEN true WHEN 'only' THEN o.archived_at IS NOT NULL
                                       ELSE o.archived_at IS NULL END
          AND CASE delete_markers WHEN 'include' THEN true WHEN 'only' THEN o.is_delete_marker
                                  ELSE NOT o.is_delete_marker END
    ), entries AS (
        SELECT folder AS entry, NULL::storage.objects AS object,
               min((object).created_at) AS updated_at, min((object).created_at) AS created_at
        FROM visible WHERE folder IS NOT NULL GROUP BY folder
        UNION ALL
        SELECT (object).name, object, (object).updated_at, (object).created_at FROM visible WHERE folder IS NULL
    ), keyed AS (
        SELECT entries.*, coalesce((object).version, '') AS of_version,
               coalesce(date_trunc('milliseconds', CASE lower(p_sort_column) WHEN 'created_at' THEN created_at
                                                                            ELSE updated_at END), 'epoch') AS moment,
               coalesce(date_trunc('milliseconds', nullif(p_sort_column_after, '')::timestamptz), 'epoch') AS after,
               noncurrent_versions IN ('include', 'only') AS versions,
               coalesce(lower(p_sort_order), 'asc') <> 'desc' AS ascending
        FROM entries
    )
    SELECT split_part(entry, '/', p_level), entry, (object).id, keyed.updated_at, keyed.created_at,
           (object).last_accessed_at, (object).metadata,
           (object).version, (object).archived_at, (object).is_delete_marker, (object).is_versioned
    FROM keyed
    WHERE coalesce(p_start_after, '') = ''
       OR CASE WHEN ascending
          THEN (moment, entry COLLATE "C", CASE WHEN versions THEN of_version ELSE '' END)
             > (after, p_start_after, coalesce(p_start_after_version, ''))
          ELSE (moment, entry COLLATE "C", CASE WHEN versions THEN of_version ELSE '' END)
             < (after, p_start_after, coalesce(p_start_after_version, '')) END
    ORDER BY CASE WHEN ascending THEN moment END ASC, CASE WHEN NOT ascending THEN moment END DESC,
             CASE WHEN ascending THEN entry END COLLATE "C" ASC,
             CASE WHEN NOT ascending THEN entry END COLLATE "C" DESC,
             CASE WHEN ascending THEN of_version END ASC, of_version DESC
    LIMIT p_limit
$body$;

CREATE FUNCTION storage.search_v2(
    prefix text, bucket_name text, limits integer DEFAULT 100, levels integer DEFAULT 1,
    start_after text DEFAULT '', sort_order text DEFAULT 'asc', sort_column text DEFAULT 'name',
    sort_column_after text DEFAULT '', noncurrent_versions text DEFAULT 'exclude',
    delete_markers text DEFAULT 'exclude', start_after_archived_at timestamptz DEFAULT NULL,
    start_after_version text DEFAULT '', start_after_is_continuation boolean DEFAULT false
)
RETURNS TABLE (
    key text, name text, id uuid,
    updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb,
    version text, archived_at timestamptz, is_delete_marker boolean, is_versioned boolean
)
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    IF lower(sort_column) IN ('updated_at', 'created_at') THEN
        RETURN QUERY SELECT * FROM storage.search_by_timestamp(
            prefix, bucket_name, least(coalesce(limits, 100), 1500), levels, start_after, sort_order, sort_column,
            sort_column_after, noncurrent_versions, delete_markers, start_after_version);
    ELSE
        RETURN QUERY SELECT split_part(l.name, '/', levels), l.name, l.id, l.updated_at, l.created_at,
                            l.last_accessed_at, l.metadata, l.version, l.archived_at, l.is_delete_marker,
                            l.is_versioned
            FROM storage.list_objects_with_delimiter(
                bucket_name, prefix, '/', least(coalesce(limits, 100), 1500),
                CASE WHEN start_after_is_continuation THEN '' ELSE start_after END,
                CASE WHEN start_after_is_continuation THEN start_after ELSE '' END,
                sort_order, noncurrent_versions, delete_markers, start_after_archived_at, start_after_version) AS l;
    END IF;
END
$body$;

-- The listing of older clients: names below the prefix and without it, found whatever their case.
CREATE FUNCTION storage.search(
    prefix text, bucketname text, limits integer DEFAULT 100, levels integer DEFAULT 1, offsets integer DEFAULT 0,
    search text DEFAULT '', sortcolumn text DEFAULT 'name', sortorder text DEFAULT 'asc',
    noncurrent_versions text DEFAULT 'exclude', delete_markers text DEFAULT 'exclude'
)
RETURNS TABLE (
    name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz,
    metadata jsonb, version text, archived_at timestamptz, is_delete_marker boolean, is_versioned boolean
)
LANGUAGE plpgsql STABLE AS $body$
DECLARE
    direction text := CASE WHEN lower(sortorder) = 'desc' THEN 'DESC' ELSE 'ASC' END;
    by_time text := CASE WHEN lower(sortcolumn) IN ('updated_at', 'created_at', 'last_accessed_at')
                    THEN format('object IS NOT NULL, (object).%I %s, ', lower(sortcolumn), direction) ELSE '' END;
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH visible AS (
            SELECT o AS object, storage.get_common_prefix(o.name, $1 || $2, '/') AS folder
            FROM storage.objects o
            WHERE o.bucket_id = $3 AND starts_with(lower(o.name), lower($1 || $2))
              AND CASE $6 WHEN 'include' THEN true WHEN 'only' THEN o.archived_at IS NOT NULL
                          ELSE o.archived_at IS NULL END
              AND CASE $7 WHEN 'include' THEN true WHEN 'only' THEN o.is_delete_marker
                          ELSE NOT o.is_delete_marker END
        ), entries AS (
            SELECT min(rtrim(folder, '/')) AS entry, NULL::storage.objects AS object
            FROM visible WHERE folder IS NOT NULL GROUP BY lower(folder)
            UNION ALL
            SELECT (object).name, object FROM visible WHERE folder IS NULL
        )
        SELECT substr(entry, length($1) + 1), (object).id, (object).updated_at, (object).created_at,
               (object).last_accessed_at, (object).metadata, (object).version, (object).archived_at,
               (object).is_delete_marker, (object).is_versioned
        FROM entries
        ORDER BY %1$s lower(entry) COLLATE "C" %2$s, (object).archived_at DESC, coalesce((object).version, '')
        LIMIT $4 OFFSET $5
    $query$, by_time, direction)
    USING coalesce(prefix, ''), coalesce(search, ''), bucketname, least(coalesce(limits, 100), 1500), offsets,
          noncurrent_versions, delete_markers;
END
$body$;

RESET ROLE;
