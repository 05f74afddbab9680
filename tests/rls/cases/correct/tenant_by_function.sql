-- base: tenants
CREATE POLICY members ON documents TO authenticated USING (is_member(org_id)) WITH CHECK (is_member(org_id) AND created_by = (SELECT auth.uid()));
