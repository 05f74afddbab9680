-- base: tenants
-- finds: user-metadata on documents
CREATE POLICY p ON documents FOR SELECT TO authenticated USING ((auth.jwt() -> 'user_metadata' -> 'orgs') ? org_id::text);
