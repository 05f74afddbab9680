-- base: notes
-- finds: always-true on notes
-- FOR SELECT was forgotten: the policy holds for every command.
CREATE POLICY "Notes are visible to everyone" ON notes USING (true);
