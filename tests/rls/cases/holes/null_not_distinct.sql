-- base: none
-- finds: null-comparison on drafts
CREATE TABLE drafts (id int PRIMARY KEY, user_id uuid REFERENCES auth.users (id), body text);
INSERT INTO drafts VALUES (1, '00000000-0000-4000-8000-000000000001', 'x'), (2, NULL, 'y'), (3, '00000000-0000-4000-8000-000000000002', 'z');
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON drafts USING (user_id IS NOT DISTINCT FROM auth.uid());
