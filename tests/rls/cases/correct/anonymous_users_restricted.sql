-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY permanent ON notes AS RESTRICTIVE FOR INSERT TO authenticated
WITH CHECK ((SELECT (auth.jwt() ->> 'is_anonymous')::boolean) IS FALSE);
