-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY admins ON notes TO authenticated USING ((SELECT auth.jwt()) -> 'app_metadata' -> 'roles' ? 'admin');
