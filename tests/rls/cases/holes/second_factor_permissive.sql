-- base: notes
-- finds: second-factor on notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY "second factor" ON notes TO authenticated USING ((SELECT auth.jwt() ->> 'aal') = 'aal2');
