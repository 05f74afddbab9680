-- base: notes
-- finds: unchecked-insert on notes
CREATE POLICY own ON notes FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add ON notes FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) IS NOT NULL);
