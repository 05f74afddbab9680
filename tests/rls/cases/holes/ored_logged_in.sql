-- base: notes
-- finds: or-ed on notes
CREATE POLICY own ON notes FOR ALL TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY "must be logged in" ON notes FOR ALL TO authenticated USING ((SELECT auth.uid()) IS NOT NULL);
