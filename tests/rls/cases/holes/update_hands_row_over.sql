-- base: notes
-- finds: moves-row on notes
CREATE POLICY read ON notes FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY change ON notes FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid())) WITH CHECK (true);
