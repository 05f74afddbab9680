-- base: notes
-- finds: always-true on notes
CREATE POLICY read ON notes FOR SELECT TO authenticated USING (true);
CREATE POLICY own ON notes FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
