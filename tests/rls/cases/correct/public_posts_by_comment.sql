-- base: none
CREATE TABLE posts (id int PRIMARY KEY, author_id uuid NOT NULL REFERENCES auth.users (id), title text);
INSERT INTO posts VALUES (1, '00000000-0000-4000-8000-000000000001', 'a'), (2, '00000000-0000-4000-8000-000000000002', 'b');
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
CREATE POLICY posts_read ON posts FOR SELECT USING (true);
COMMENT ON POLICY posts_read ON posts IS 'Posts are public: anyone may read them.';
