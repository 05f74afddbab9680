-- base: none
-- finds: self-promotion on profiles
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), name text, role text NOT NULL DEFAULT 'user');
CREATE TABLE reports (id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id), body text);
INSERT INTO profiles VALUES ('00000000-0000-4000-8000-000000000001', 'a', 'admin'), ('00000000-0000-4000-8000-000000000002', 'b', 'user'), ('00000000-0000-4000-8000-000000000003', 'c', 'user');
INSERT INTO reports VALUES (1, '00000000-0000-4000-8000-000000000002', 'x'), (2, '00000000-0000-4000-8000-000000000003', 'y');
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON profiles FOR SELECT TO authenticated USING (id = (SELECT auth.uid()));
CREATE POLICY change ON profiles FOR UPDATE TO authenticated USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));
CREATE POLICY admins ON reports FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role = 'admin'));
