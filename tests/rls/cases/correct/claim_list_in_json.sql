-- base: tenants
CREATE POLICY p ON documents TO authenticated USING ((auth.jwt() -> 'app_metadata' -> 'orgs') ? org_id::text);
