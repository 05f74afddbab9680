-- base: notes
-- finds: join-leak on notes
CREATE TABLE shares (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note_id bigint NOT NULL REFERENCES notes, shared_with uuid NOT NULL REFERENCES auth.users);
INSERT INTO shares (note_id, shared_with) SELECT id, '00000000-0000-4000-8000-000000000004' FROM notes WHERE user_id = '00000000-0000-4000-8000-000000000001';
CREATE FUNCTION is_shared(note bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT EXISTS (SELECT 1 FROM shares WHERE note_id = note) $$;
ALTER TABLE shares ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON shares FOR SELECT TO authenticated USING (shared_with = (SELECT auth.uid()));
CREATE POLICY p ON notes FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()) OR is_shared(id));
