-- base: notes
CREATE FUNCTION own_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.user_id := auth.uid(); RETURN NEW; END $$;
CREATE TRIGGER own_it BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION own_it();
CREATE POLICY own ON notes FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add ON notes FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) IS NOT NULL);
