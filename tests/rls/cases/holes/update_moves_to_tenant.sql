-- base: tenants
-- finds: moves-row on documents
CREATE POLICY read ON documents FOR SELECT TO authenticated USING (created_by = (SELECT auth.uid()) OR is_member(org_id));
CREATE POLICY change ON documents FOR UPDATE TO authenticated
USING (created_by = (SELECT auth.uid())) WITH CHECK (created_by = (SELECT auth.uid()));
