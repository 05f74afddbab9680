-- base: tenants
CREATE TABLE projects (id int PRIMARY KEY, org_id uuid NOT NULL REFERENCES orgs (id));
CREATE TABLE tasks (id int PRIMARY KEY, project_id int NOT NULL REFERENCES projects (id), title text);
INSERT INTO projects VALUES (1, '10000000-0000-4000-8000-000000000001'), (2, '10000000-0000-4000-8000-000000000002');
INSERT INTO tasks VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 1, 'c');
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY members ON projects TO authenticated USING (is_member(org_id));
CREATE POLICY members ON tasks TO authenticated
USING (EXISTS (SELECT 1 FROM projects AS p WHERE p.id = tasks.project_id AND is_member(p.org_id)));
