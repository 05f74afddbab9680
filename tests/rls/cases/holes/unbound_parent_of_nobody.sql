-- base: none
-- finds: unbound on subscriptions
CREATE TABLE plans (id int PRIMARY KEY, price int);
CREATE TABLE subscriptions (id int PRIMARY KEY, plan_id int NOT NULL REFERENCES plans (id), user_id uuid NOT NULL REFERENCES auth.users (id));
INSERT INTO plans VALUES (1, 10);
INSERT INTO subscriptions VALUES (1, 1, '00000000-0000-4000-8000-000000000001'), (2, 1, '00000000-0000-4000-8000-000000000002');
ALTER TABLE plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON plans FOR SELECT USING (true);
CREATE POLICY read ON subscriptions FOR SELECT TO authenticated
USING (EXISTS (SELECT 1 FROM plans AS p WHERE p.id = subscriptions.plan_id));
