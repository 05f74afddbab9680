-- base: notes
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE TABLE note_items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note_id bigint NOT NULL REFERENCES notes (id), body text);
INSERT INTO note_items (note_id, body) SELECT id, 'item' FROM notes;
ALTER TABLE note_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY items ON note_items TO authenticated
USING (EXISTS (SELECT 1 FROM notes AS n WHERE n.id = note_items.note_id AND n.user_id = (SELECT auth.uid())));
