-- base: notes
CREATE TABLE role_permissions (role text NOT NULL, permission text NOT NULL, PRIMARY KEY (role, permission));
INSERT INTO role_permissions VALUES ('moderator', 'notes.delete');
ALTER TABLE role_permissions ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION authorize(wanted text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM role_permissions AS p WHERE p.permission = wanted AND p.role = auth.jwt() ->> 'user_role'); END $$;
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY moderators ON notes FOR DELETE TO authenticated USING ((SELECT authorize('notes.delete')));
