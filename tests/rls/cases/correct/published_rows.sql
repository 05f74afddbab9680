-- base: none
CREATE TABLE articles (id int PRIMARY KEY, author_id uuid NOT NULL REFERENCES auth.users (id), body text, published boolean NOT NULL);
INSERT INTO articles VALUES (1, '00000000-0000-4000-8000-000000000001', 'a', true), (2, '00000000-0000-4000-8000-000000000002', 'b', false);
ALTER TABLE articles ENABLE ROW LEVEL SECURITY;
CREATE POLICY published ON articles FOR SELECT USING (published);
CREATE POLICY own ON articles TO authenticated USING (author_id = (SELECT auth.uid())) WITH CHECK (author_id = (SELECT auth.uid()));
