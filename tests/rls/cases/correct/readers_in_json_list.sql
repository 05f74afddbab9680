-- base: none
CREATE TABLE boards (id bigint PRIMARY KEY, acl jsonb NOT NULL, name text);
INSERT INTO boards SELECT n, jsonb_build_object('readers', jsonb_build_array('00000000-0000-4000-8000-00000000000' || n)), 'b' FROM generate_series(1,4) n;
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON boards FOR SELECT TO authenticated USING (acl @> jsonb_build_object('readers', jsonb_build_array((SELECT auth.uid()))));
