-- base: notes
CREATE TABLE user_roles (user_id uuid PRIMARY KEY REFERENCES auth.users (id), role text NOT NULL);
INSERT INTO user_roles VALUES ('00000000-0000-4000-8000-000000000001', 'admin'), ('00000000-0000-4000-8000-000000000002', 'user');
ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON user_roles FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY admins ON notes FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM user_roles AS r WHERE r.user_id = (SELECT auth.uid()) AND r.role = 'admin'));
