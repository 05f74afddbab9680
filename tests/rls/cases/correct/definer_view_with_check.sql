-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE VIEW my_notes AS SELECT * FROM notes WHERE user_id = (SELECT auth.uid()) WITH CHECK OPTION;
