-- base: tenants
CREATE POLICY p ON documents FOR SELECT TO authenticated USING (is_member(org_id) AND (auth.jwt() -> 'app_metadata' ->> 'plan_level')::int > 2);
