-- base: tenants
-- finds: any-user on documents
CREATE POLICY p ON documents FOR SELECT TO authenticated USING ((auth.jwt() -> 'app_metadata' -> 'orgs') IS NOT NULL);
CREATE POLICY q ON documents FOR UPDATE TO authenticated USING ((auth.jwt() -> 'app_metadata' -> 'orgs') ? org_id::text);
