-- base: notes
-- finds: always-true on notes
CREATE POLICY own ON notes FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()) OR title = 'note');
CREATE POLICY write ON notes FOR UPDATE TO authenticated USING (true) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY erase ON notes FOR DELETE TO authenticated USING (true);
