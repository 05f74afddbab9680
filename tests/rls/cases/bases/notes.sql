CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    title text NOT NULL,
    body text
);
INSERT INTO notes (user_id, title)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'note' FROM unnest(ARRAY[1, 1, 1, 2, 2, 3]) AS n;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
