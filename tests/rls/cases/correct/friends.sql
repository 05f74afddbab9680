-- base: none
CREATE TABLE friendships (one uuid REFERENCES auth.users (id), other uuid REFERENCES auth.users (id), PRIMARY KEY (one, other));
CREATE TABLE moments (id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id), body text);
INSERT INTO friendships VALUES ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002');
INSERT INTO moments SELECT n, ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'x' FROM generate_series(1, 3) AS n;
ALTER TABLE friendships ENABLE ROW LEVEL SECURITY;
ALTER TABLE moments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON friendships FOR SELECT TO authenticated USING ((SELECT auth.uid()) IN (one, other));
CREATE POLICY friends ON moments FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()) OR EXISTS (
    SELECT 1 FROM friendships AS f
    WHERE (f.one = (SELECT auth.uid()) AND f.other = moments.user_id)
       OR (f.other = (SELECT auth.uid()) AND f.one = moments.user_id)));
