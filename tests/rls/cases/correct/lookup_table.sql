-- base: none
CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);
INSERT INTO countries VALUES ('de', 'Germany'), ('fr', 'France');
ALTER TABLE countries ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON countries FOR SELECT USING (true);
