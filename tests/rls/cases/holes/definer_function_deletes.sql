-- base: notes
-- finds: definer-function on remove_note
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION remove_note(note_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN DELETE FROM notes WHERE id = note_id; END $$;
