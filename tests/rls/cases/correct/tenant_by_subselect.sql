-- base: tenants
CREATE POLICY members ON documents TO authenticated
USING (org_id IN (SELECT m.org_id FROM org_members AS m WHERE m.user_id = (SELECT auth.uid())));
