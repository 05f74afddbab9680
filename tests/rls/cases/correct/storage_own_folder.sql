-- base: none
INSERT INTO storage.buckets (id, name) VALUES ('avatars', 'avatars');
INSERT INTO storage.objects (bucket_id, name, owner_id) VALUES
    ('avatars', '00000000-0000-4000-8000-000000000001/a.png', '00000000-0000-4000-8000-000000000001'),
    ('avatars', '00000000-0000-4000-8000-000000000002/b.png', '00000000-0000-4000-8000-000000000002');
CREATE POLICY "own folder" ON storage.objects TO authenticated
USING (bucket_id = 'avatars' AND (storage.foldername(name))[1] = (SELECT auth.uid())::text);
