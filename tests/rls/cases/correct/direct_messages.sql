-- base: none
CREATE TABLE messages (id int PRIMARY KEY, sender_id uuid NOT NULL REFERENCES auth.users (id), recipient_id uuid NOT NULL REFERENCES auth.users (id), body text);
INSERT INTO messages VALUES (1, '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', 'a'), (2, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000004', 'b');
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON messages FOR SELECT TO authenticated USING ((SELECT auth.uid()) IN (sender_id, recipient_id));
CREATE POLICY send ON messages FOR INSERT TO authenticated WITH CHECK (sender_id = (SELECT auth.uid()));
