-- base: none
-- finds: inverted on papers
CREATE TABLE papers (id bigint PRIMARY KEY, readers uuid[] NOT NULL);
INSERT INTO papers SELECT n, ARRAY[('00000000-0000-4000-8000-00000000000' || n)::uuid, ('00000000-0000-4000-8000-00000000000' || n % 4 + 1)::uuid] FROM generate_series(1,4) n;
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON papers FOR SELECT TO authenticated USING ((SELECT auth.uid()) <> ANY (readers));
