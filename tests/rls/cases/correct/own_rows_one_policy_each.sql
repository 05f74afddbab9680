-- base: notes
CREATE POLICY "select own" ON notes FOR SELECT USING (auth.uid() = user_id);
CREATE POLICY "insert own" ON notes FOR INSERT WITH CHECK (auth.uid() = user_id);
CREATE POLICY "update own" ON notes FOR UPDATE USING (auth.uid() = user_id);
CREATE POLICY "delete own" ON notes FOR DELETE USING (auth.uid() = user_id);
