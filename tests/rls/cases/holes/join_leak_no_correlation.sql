-- base: tenants
-- finds: join-leak on documents
CREATE POLICY members ON documents TO authenticated
USING (EXISTS (SELECT 1 FROM org_members AS m WHERE m.user_id = (SELECT auth.uid())));
