-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE FUNCTION remove_own_note(note_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN DELETE FROM notes WHERE id = note_id AND user_id = auth.uid(); END $$;
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$ DELETE FROM notes $$;
REVOKE EXECUTE ON FUNCTION purge() FROM PUBLIC, anon, authenticated;
CREATE FUNCTION touch_own_note(note_id bigint) RETURNS SETOF notes LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM notes WHERE id = note_id AND user_id = auth.uid()) THEN
        RAISE EXCEPTION 'not yours' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY UPDATE notes SET title = title WHERE id = note_id RETURNING *;
END $$;
