-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY "second factor" ON notes AS RESTRICTIVE TO authenticated USING ((SELECT auth.jwt() ->> 'aal') = 'aal2');
