-- base: none
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), name text, role text NOT NULL DEFAULT 'user');
INSERT INTO profiles VALUES ('00000000-0000-4000-8000-000000000001', 'a', 'admin'), ('00000000-0000-4000-8000-000000000002', 'b', 'user'), ('00000000-0000-4000-8000-000000000003', 'c', 'user');
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
REVOKE UPDATE ON profiles FROM anon, authenticated;
GRANT UPDATE (name) ON profiles TO authenticated;
CREATE FUNCTION is_admin() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT EXISTS (SELECT 1 FROM profiles WHERE id = auth.uid() AND role = 'admin') $$;
CREATE POLICY read ON profiles FOR SELECT TO authenticated USING (id = (SELECT auth.uid()) OR (SELECT is_admin()));
CREATE POLICY change ON profiles FOR UPDATE TO authenticated USING (id = (SELECT auth.uid()));
