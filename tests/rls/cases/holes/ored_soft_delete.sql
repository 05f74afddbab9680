-- base: notes
-- finds: or-ed on notes
ALTER TABLE notes ADD deleted_at timestamptz;
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY "not deleted" ON notes FOR SELECT TO authenticated USING (deleted_at IS NULL);
