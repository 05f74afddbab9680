-- base: none
CREATE TABLE settings (user_id text PRIMARY KEY, theme text);
INSERT INTO settings SELECT '00000000-0000-4000-8000-00000000000' || n, 'dark' FROM generate_series(1, 3) AS n;
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON settings TO authenticated USING (user_id = (SELECT auth.uid())::text);
