-- base: tenants
CREATE POLICY p ON documents TO authenticated USING (org_id::text = ANY (ARRAY(SELECT jsonb_array_elements_text(auth.jwt() -> 'app_metadata' -> 'orgs'))));
