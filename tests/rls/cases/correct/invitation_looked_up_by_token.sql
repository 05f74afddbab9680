-- base: tenants
CREATE TABLE invitations (id int PRIMARY KEY, org_id uuid NOT NULL REFERENCES orgs (id), invite_token text NOT NULL UNIQUE);
INSERT INTO invitations VALUES (1, '10000000-0000-4000-8000-000000000001', 'abc'), (2, '10000000-0000-4000-8000-000000000002', 'def');
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON invitations FOR SELECT TO authenticated USING (is_member(org_id));
CREATE FUNCTION look_up(p_token text) RETURNS SETOF invitations LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT * FROM invitations WHERE invite_token = p_token $$;
