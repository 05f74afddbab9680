-- base: none
-- finds: unbound on folders
CREATE TABLE folders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id uuid NOT NULL REFERENCES auth.users, name text);
CREATE TABLE files (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, folder_id bigint NOT NULL REFERENCES folders ON DELETE CASCADE, name text);
INSERT INTO folders (owner_id, name) SELECT id, 'f' FROM auth.users; INSERT INTO files (folder_id, name) SELECT id, 'x' FROM folders;
ALTER TABLE folders ENABLE ROW LEVEL SECURITY; ALTER TABLE files ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON folders FOR SELECT TO authenticated USING (owner_id = (SELECT auth.uid()));
CREATE POLICY d ON folders FOR DELETE TO authenticated USING (name IS NOT NULL);
CREATE POLICY f ON files TO authenticated USING (EXISTS (SELECT 1 FROM folders x WHERE x.id = folder_id AND x.owner_id = (SELECT auth.uid())));
