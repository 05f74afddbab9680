-- base: none
CREATE TABLE boards (id int PRIMARY KEY, visibility text NOT NULL);
CREATE TABLE board_members (board_id int NOT NULL REFERENCES boards (id), user_id uuid NOT NULL REFERENCES auth.users (id), PRIMARY KEY (board_id, user_id));
CREATE TABLE remarks (id int PRIMARY KEY, board_id int NOT NULL REFERENCES boards (id), author uuid NOT NULL REFERENCES auth.users (id), body text);
INSERT INTO boards VALUES (1, 'public'), (2, 'private');
INSERT INTO board_members VALUES (1, '00000000-0000-4000-8000-000000000001'), (2, '00000000-0000-4000-8000-000000000002');
INSERT INTO remarks VALUES (1, 1, '00000000-0000-4000-8000-000000000001', 'a'), (2, 2, '00000000-0000-4000-8000-000000000002', 'b');
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE remarks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON board_members FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read ON boards FOR SELECT TO authenticated
USING (visibility = 'public' OR id IN (SELECT m.board_id FROM board_members AS m WHERE m.user_id = (SELECT auth.uid())));
CREATE POLICY read ON remarks FOR SELECT TO authenticated USING (board_id IN (SELECT b.id FROM boards AS b));
CREATE POLICY add ON remarks FOR INSERT TO authenticated
WITH CHECK (author = (SELECT auth.uid()) AND board_id IN (SELECT b.id FROM boards AS b));
