-- The storage buckets of a project, every setting as text; older projects lack the last columns.
SELECT b.id, b.name, b.public::text AS public, to_jsonb(b) ->> 'file_size_limit' AS file_size_limit,
       b.allowed_mime_types::text AS allowed_mime_types
FROM storage.buckets b
ORDER BY b.id
