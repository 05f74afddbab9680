-- base: tenants
CREATE FUNCTION is_admin(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT EXISTS (SELECT 1 FROM org_members AS m WHERE m.org_id = org AND m.user_id = auth.uid() AND m.role = 'admin') $$;
CREATE POLICY manage ON org_members FOR ALL TO authenticated USING (is_admin(org_id)) WITH CHECK (is_admin(org_id));
