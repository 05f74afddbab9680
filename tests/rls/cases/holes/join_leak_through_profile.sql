-- base: none
-- finds: join-leak on tickets
-- Whoever has a profile in any company sees the tickets of all.
CREATE TABLE companies (id int PRIMARY KEY);
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), company_id int NOT NULL REFERENCES companies (id));
CREATE TABLE tickets (id int PRIMARY KEY, company_id int NOT NULL REFERENCES companies (id), body text);
INSERT INTO companies VALUES (1), (2);
INSERT INTO profiles VALUES ('00000000-0000-4000-8000-000000000001', 1), ('00000000-0000-4000-8000-000000000002', 2);
INSERT INTO tickets VALUES (1, 1, 'a'), (2, 2, 'b');
ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON profiles FOR SELECT TO authenticated USING (id = (SELECT auth.uid()));
CREATE POLICY company ON tickets FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.company_id = company_id));
