-- base: none
CREATE TABLE messages (id int PRIMARY KEY, email text NOT NULL, body text);
INSERT INTO messages VALUES (1, 'a@example.org', 'hello');
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY write_to_us ON messages FOR INSERT TO anon, authenticated WITH CHECK (char_length(body) < 2000);
