-- base: notes
-- finds: always-true on notes
CREATE POLICY "Enable read access for all users" ON notes FOR SELECT USING (true);
