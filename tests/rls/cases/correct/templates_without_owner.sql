-- base: none
CREATE TABLE templates (id int PRIMARY KEY, user_id uuid REFERENCES auth.users (id), body text);
INSERT INTO templates VALUES (1, NULL, 'a'), (2, '00000000-0000-4000-8000-000000000001', 'b'), (3, '00000000-0000-4000-8000-000000000002', 'c');
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON templates FOR SELECT TO authenticated USING (user_id IS NULL OR user_id = (SELECT auth.uid()));
CREATE POLICY change ON templates FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()));
