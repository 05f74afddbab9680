-- base: notes
CREATE TABLE note_shares (note_id bigint NOT NULL REFERENCES notes (id), user_id uuid NOT NULL REFERENCES auth.users (id), PRIMARY KEY (note_id, user_id));
INSERT INTO note_shares SELECT min(id), '00000000-0000-4000-8000-000000000004' FROM notes;
ALTER TABLE note_shares ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON note_shares FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY with_me ON notes FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM note_shares AS s WHERE s.note_id = notes.id AND s.user_id = (SELECT auth.uid())));
