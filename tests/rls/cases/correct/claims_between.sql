-- base: none
CREATE TABLE papers (id bigint PRIMARY KEY, title text, level int NOT NULL, tenant text NOT NULL, from_day int NOT NULL DEFAULT 0);
INSERT INTO papers SELECT n, 't', n * 10, 'tenant' || n % 2 FROM generate_series(1,6) n;
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;CREATE POLICY p ON papers FOR SELECT TO authenticated USING (level BETWEEN (auth.jwt() -> 'app_metadata' ->> 'min')::int AND (auth.jwt() -> 'app_metadata' ->> 'max')::int);
