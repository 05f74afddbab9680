-- base: tenants
-- finds: any-user on documents
CREATE POLICY "logged in" ON documents FOR ALL USING (auth.uid() IS NOT NULL);
