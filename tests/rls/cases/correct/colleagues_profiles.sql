-- base: tenants
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), email text);
INSERT INTO profiles SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'e' FROM generate_series(1, 4) AS n;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION my_orgs() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT org_id FROM org_members WHERE user_id = (SELECT auth.uid()) $$;
CREATE POLICY colleagues ON org_members FOR SELECT TO authenticated USING (org_id IN (SELECT my_orgs()));
CREATE POLICY colleagues ON profiles FOR SELECT TO authenticated
USING (id = (SELECT auth.uid()) OR id IN (SELECT m.user_id FROM org_members AS m WHERE m.org_id IN (SELECT my_orgs())));
