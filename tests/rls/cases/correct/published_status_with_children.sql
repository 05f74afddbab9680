-- base: none
CREATE TABLE articles (id int PRIMARY KEY, author_id uuid NOT NULL REFERENCES auth.users (id), status text NOT NULL);
CREATE TABLE comments (id int PRIMARY KEY, article_id int NOT NULL REFERENCES articles (id), user_id uuid NOT NULL REFERENCES auth.users (id), body text);
INSERT INTO articles VALUES (1, '00000000-0000-4000-8000-000000000001', 'published'), (2, '00000000-0000-4000-8000-000000000002', 'draft');
INSERT INTO comments VALUES (1, 1, '00000000-0000-4000-8000-000000000003', 'x'), (2, 1, '00000000-0000-4000-8000-000000000002', 'y');
ALTER TABLE articles ENABLE ROW LEVEL SECURITY;
ALTER TABLE comments ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON articles FOR SELECT USING (status = 'published' OR author_id = (SELECT auth.uid()));
CREATE POLICY read ON comments FOR SELECT
USING (EXISTS (SELECT 1 FROM articles AS a WHERE a.id = comments.article_id AND a.status = 'published'));
CREATE POLICY add ON comments FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY own ON comments FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()));
