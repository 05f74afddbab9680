-- Verify: Create the storage bucket for attachments. Each query must return true.

SELECT EXISTS (SELECT FROM storage.buckets WHERE id = 'attachments' AND NOT public);
