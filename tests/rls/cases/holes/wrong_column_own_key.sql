-- base: none
-- finds: wrong-column on orders
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users (id), amount numeric
);
INSERT INTO orders (user_id, amount) SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, n FROM generate_series(1, 3) AS n;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders TO authenticated USING (id = (SELECT auth.uid()));
