-- base: tenants
-- finds: join-leak on documents
CREATE POLICY members ON documents FOR SELECT TO authenticated USING (is_member(org_id));
CREATE POLICY admins ON documents FOR ALL TO authenticated
USING (EXISTS (SELECT 1 FROM org_members AS m WHERE m.user_id = (SELECT auth.uid()) AND m.role = 'admin'));
