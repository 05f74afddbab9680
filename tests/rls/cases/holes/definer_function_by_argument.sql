-- base: notes
-- finds: definer-function on notes_of
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION notes_of(p_user_id uuid) RETURNS TABLE (title text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN RETURN QUERY SELECT n.title, n.body FROM notes AS n WHERE n.user_id = p_user_id; END $$;
