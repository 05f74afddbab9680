CREATE TABLE orgs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE org_members (
    org_id uuid NOT NULL REFERENCES orgs (id),
    user_id uuid NOT NULL REFERENCES auth.users (id),
    role text NOT NULL DEFAULT 'member',
    PRIMARY KEY (org_id, user_id)
);
CREATE TABLE documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id uuid NOT NULL REFERENCES orgs (id),
    created_by uuid NOT NULL REFERENCES auth.users (id),
    title text NOT NULL
);
INSERT INTO orgs (id, name) VALUES
    ('10000000-0000-4000-8000-000000000001', 'one'), ('10000000-0000-4000-8000-000000000002', 'two');
INSERT INTO org_members (org_id, user_id, role) VALUES
    ('10000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'admin'),
    ('10000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', 'member'),
    ('10000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', 'admin'),
    ('10000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000004', 'member');
INSERT INTO documents (org_id, created_by, title)
SELECT ('10000000-0000-4000-8000-00000000000' || (n + 1) / 2)::uuid,
       ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'document'
FROM unnest(ARRAY[1, 1, 2, 3, 4]) AS n;
ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION is_member(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT EXISTS (SELECT 1 FROM org_members AS m WHERE m.org_id = org AND m.user_id = (SELECT auth.uid())) $$;
CREATE POLICY own ON org_members FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY members ON orgs FOR SELECT TO authenticated USING (is_member(id));
