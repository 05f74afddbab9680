-- base: notes
-- finds: definer-function on read_table
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION read_table() RETURNS SETOF json LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN RETURN QUERY EXECUTE 'SELECT row_to_json(n) FROM notes n'; END $$;
