-- base: notes
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON notes FROM anon, authenticated;
