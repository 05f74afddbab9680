-- base: tenants
-- finds: join-leak on documents
CREATE FUNCTION belongs_somewhere() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM org_members WHERE user_id = auth.uid()); END $$;
CREATE POLICY members ON documents TO authenticated USING ((SELECT belongs_somewhere()));
