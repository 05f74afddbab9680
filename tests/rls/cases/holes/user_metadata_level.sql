-- base: none
-- finds: user-metadata on papers
CREATE TABLE papers (id bigint PRIMARY KEY, title text, level int NOT NULL);
INSERT INTO papers SELECT n, 't', n * 10 FROM generate_series(1,4) n;
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON papers FOR SELECT TO authenticated USING (level <= (auth.jwt() -> 'user_metadata' ->> 'clearance')::int);
