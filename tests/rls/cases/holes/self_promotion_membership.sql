-- base: tenants
-- finds: self-promotion on org_members
CREATE POLICY change ON org_members FOR UPDATE TO authenticated
USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY read ON documents FOR SELECT TO authenticated USING (is_member(org_id));
CREATE POLICY erase ON documents FOR DELETE TO authenticated USING (EXISTS (
    SELECT 1 FROM org_members AS m
    WHERE m.org_id = documents.org_id AND m.user_id = (SELECT auth.uid()) AND m.role = 'admin'));
