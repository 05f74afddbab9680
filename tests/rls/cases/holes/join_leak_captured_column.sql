-- base: tenants
-- finds: join-leak on documents
-- The unqualified org_id is that of org_members: the comparison is always true.
CREATE POLICY members ON documents TO authenticated
USING (EXISTS (SELECT 1 FROM org_members WHERE org_members.user_id = (SELECT auth.uid()) AND org_members.org_id = org_id));
