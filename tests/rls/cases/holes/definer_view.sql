-- base: notes
-- finds: definer-view on note_titles
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE VIEW note_titles AS SELECT id, user_id, title FROM notes;
