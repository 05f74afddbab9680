-- base: notes
-- finds: rls-disabled on notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
