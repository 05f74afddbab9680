-- base: none
CREATE TABLE boards (id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id), visibility text NOT NULL);
CREATE TABLE cards (id int PRIMARY KEY, board_id int NOT NULL REFERENCES boards (id), body text);
INSERT INTO boards VALUES (1, '00000000-0000-4000-8000-000000000001', 'public'), (2, '00000000-0000-4000-8000-000000000002', 'private');
INSERT INTO cards VALUES (1, 1, 'a'), (2, 2, 'b');
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
ALTER TABLE cards ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON boards FOR SELECT USING (visibility = 'public' OR user_id = (SELECT auth.uid()));
CREATE POLICY read ON cards FOR SELECT USING (board_id IN (SELECT b.id FROM boards AS b));
