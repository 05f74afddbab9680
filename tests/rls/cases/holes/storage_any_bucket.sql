-- base: none
-- finds: always-true on storage.objects
INSERT INTO storage.buckets (id, name) VALUES ('private', 'private');
INSERT INTO storage.objects (bucket_id, name, owner_id) VALUES
    ('private', '00000000-0000-4000-8000-000000000001/a.pdf', '00000000-0000-4000-8000-000000000001'),
    ('private', '00000000-0000-4000-8000-000000000002/b.pdf', '00000000-0000-4000-8000-000000000002');
CREATE POLICY "read files" ON storage.objects FOR SELECT TO authenticated USING (true);
