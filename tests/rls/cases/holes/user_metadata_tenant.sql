-- base: tenants
-- finds: user-metadata on documents
CREATE POLICY tenant ON documents TO authenticated
USING (org_id = ((SELECT auth.jwt()) -> 'user_metadata' ->> 'org_id')::uuid);
