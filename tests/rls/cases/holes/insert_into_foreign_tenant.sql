-- base: tenants
-- finds: foreign-tenant on documents
CREATE POLICY read ON documents FOR SELECT TO authenticated USING (is_member(org_id));
CREATE POLICY add ON documents FOR INSERT TO authenticated WITH CHECK (created_by = (SELECT auth.uid()));
