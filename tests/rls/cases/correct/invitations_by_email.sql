-- base: none
CREATE TABLE invitations (id int PRIMARY KEY, email text NOT NULL, invited_by uuid NOT NULL REFERENCES auth.users (id));
INSERT INTO invitations VALUES (1, 'one@example.org', '00000000-0000-4000-8000-000000000002'), (2, 'two@example.org', '00000000-0000-4000-8000-000000000003');
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON invitations FOR SELECT TO authenticated
USING (email = (SELECT auth.jwt()) ->> 'email' OR invited_by = (SELECT auth.uid()));
