-- base: tenants
-- finds: self-invitation on org_members
CREATE POLICY join_org ON org_members FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
