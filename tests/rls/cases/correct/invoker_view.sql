-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE VIEW note_titles WITH (security_invoker = true) AS SELECT id, user_id, title FROM notes;
