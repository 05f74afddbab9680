-- base: notes
-- finds: inverted on notes
CREATE POLICY "not banned" ON notes FOR SELECT TO authenticated
USING ((auth.jwt() -> 'app_metadata' ->> 'role') IS NULL OR (auth.jwt() -> 'app_metadata' ->> 'role') <> 'banned');
