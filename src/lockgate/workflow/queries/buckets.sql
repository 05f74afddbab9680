-- The storage buckets of a project; older projects lack the last columns.
SELECT b.id, b.name, b.public, to_jsonb(b) ->> 'file_size_limit', b.allowed_mime_types::text
FROM storage.buckets b
ORDER BY b.id
