-- The public buckets of the storage service; the table is hidden from nobody who owns the project.
SELECT id, public FROM storage.buckets WHERE public ORDER BY id
