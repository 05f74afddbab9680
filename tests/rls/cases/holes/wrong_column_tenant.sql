-- base: tenants
-- finds: wrong-column on documents
CREATE POLICY own ON documents TO authenticated USING (org_id = (SELECT auth.uid()));
