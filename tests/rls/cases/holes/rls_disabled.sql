-- base: notes
-- finds: rls-disabled on notes
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
