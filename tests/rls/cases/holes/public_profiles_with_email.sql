-- base: none
-- finds: always-true on profiles
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id), username text, email text, phone text);
INSERT INTO profiles SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'u', 'e', 'p' FROM generate_series(1, 3) AS n;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Public profiles are viewable by everyone" ON profiles FOR SELECT USING (true);
