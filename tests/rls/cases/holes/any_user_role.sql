-- base: notes
-- finds: any-user on notes
CREATE POLICY "logged in" ON notes FOR SELECT USING (auth.role() = 'authenticated');
