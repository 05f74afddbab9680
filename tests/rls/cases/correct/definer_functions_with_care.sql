-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION my_notes() RETURNS SETOF notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT * FROM notes WHERE user_id = auth.uid() $$;
CREATE FUNCTION every_note() RETURNS SETOF notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT * FROM notes $$;
REVOKE EXECUTE ON FUNCTION every_note() FROM PUBLIC, anon, authenticated;
