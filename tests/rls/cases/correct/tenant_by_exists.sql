-- base: tenants
CREATE POLICY members ON documents FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM org_members AS m WHERE m.org_id = documents.org_id AND m.user_id = (SELECT auth.uid())));
