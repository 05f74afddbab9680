-- base: none
CREATE TABLE groups (id int PRIMARY KEY, name text);
CREATE TABLE group_members (group_id int REFERENCES groups, user_id uuid REFERENCES auth.users, PRIMARY KEY (group_id, user_id));
CREATE TABLE pages (id bigint PRIMARY KEY, allowed_groups int[] NOT NULL, body text);
INSERT INTO groups VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO group_members SELECT n % 3 + 1, ('00000000-0000-4000-8000-00000000000' || n)::uuid FROM generate_series(1,4) n;
INSERT INTO pages VALUES (1, '{1}'), (2, '{2}'), (3, '{1,3}');
ALTER TABLE groups ENABLE ROW LEVEL SECURITY; ALTER TABLE group_members ENABLE ROW LEVEL SECURITY; ALTER TABLE pages ENABLE ROW LEVEL SECURITY;
CREATE POLICY m ON group_members FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY p ON pages FOR SELECT TO authenticated USING (allowed_groups && ARRAY(SELECT group_id FROM group_members WHERE user_id = (SELECT auth.uid())));
