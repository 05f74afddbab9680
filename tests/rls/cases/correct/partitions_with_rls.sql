-- base: none
CREATE TABLE events (id bigint NOT NULL, user_id uuid NOT NULL, kind text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
INSERT INTO events SELECT n, ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'x' FROM generate_series(1,4) n;
ALTER TABLE events ENABLE ROW LEVEL SECURITY; ALTER TABLE events_1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON events TO authenticated USING (user_id = (SELECT auth.uid()));
