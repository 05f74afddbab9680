-- base: tenants
CREATE POLICY read ON documents FOR SELECT TO authenticated USING (is_member(org_id));
CREATE POLICY admins ON documents FOR ALL TO authenticated USING (EXISTS (
    SELECT 1 FROM org_members AS m
    WHERE m.org_id = documents.org_id AND m.user_id = (SELECT auth.uid()) AND m.role IN ('owner', 'admin')));
