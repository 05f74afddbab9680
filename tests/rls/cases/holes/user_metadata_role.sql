-- base: notes
-- finds: user-metadata on notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY admins ON notes TO authenticated USING ((auth.jwt() -> 'user_metadata' ->> 'role') = 'admin');
