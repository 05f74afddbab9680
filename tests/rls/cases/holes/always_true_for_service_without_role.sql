-- base: notes
-- finds: or-ed on notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY "Service role can do everything" ON notes USING (true);
