-- base: tenants
-- finds: definer-view on document_list
CREATE POLICY members ON documents FOR SELECT TO authenticated USING (is_member(org_id));
CREATE VIEW document_list AS SELECT d.title, o.name FROM documents AS d JOIN orgs AS o ON o.id = d.org_id;
