-- base: notes
-- finds: self-promotion on user_roles
CREATE TABLE user_roles (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id), role text NOT NULL);
INSERT INTO user_roles (user_id, role) VALUES ('00000000-0000-4000-8000-000000000001', 'admin');
ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Users can insert their own roles" ON user_roles FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY read ON user_roles FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY admins ON notes FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM user_roles AS r WHERE r.user_id = (SELECT auth.uid()) AND r.role = 'admin'));
