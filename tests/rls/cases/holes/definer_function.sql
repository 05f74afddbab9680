-- base: notes
-- finds: definer-function on all_notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION all_notes() RETURNS SETOF notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT * FROM notes $$;
