-- base: tenants
-- finds: forged-header on documents
CREATE POLICY p ON documents FOR SELECT TO authenticated USING (org_id::text = (current_setting('request.headers', true)::json ->> 'x-org-id'));
