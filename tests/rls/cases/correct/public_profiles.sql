-- base: none
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), username text, avatar_url text);
INSERT INTO profiles SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'user' FROM generate_series(1, 3) AS n;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Profiles can be read" ON profiles FOR SELECT USING (true);
CREATE POLICY "Users can insert their own profile" ON profiles FOR INSERT WITH CHECK ((SELECT auth.uid()) = id);
CREATE POLICY "Users can update own profile" ON profiles FOR UPDATE USING ((SELECT auth.uid()) = id);
