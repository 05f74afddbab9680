CREATE TABLE events (id bigint, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX events_kind_idx ON events (kind);
CREATE TABLE events_2025 PARTITION OF events (kind DEFAULT 'x') FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE events ADD COLUMN user_id bigint;
ALTER TABLE events ADD CONSTRAINT kind_known CHECK (kind <> '');
CREATE INDEX events_user_idx ON ONLY events (user_id);
CREATE TABLE events_2026 (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE events_2026 ADD PRIMARY KEY (id, at);
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE events DETACH PARTITION events_2024;
CREATE TABLE regions (id int, code text) PARTITION BY LIST (code);
CREATE TABLE regions_eu PARTITION OF regions FOR VALUES IN ('de', 'fr') PARTITION BY HASH (id);
CREATE TABLE regions_eu_0 PARTITION OF regions_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX ON regions (id);
DROP TABLE events_2025;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER events_row AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER events_statement AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER regions_row AFTER UPDATE ON regions FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE TABLE regions_us (id int, code text) PARTITION BY HASH (id);
CREATE TABLE regions_us_0 PARTITION OF regions_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TRIGGER own BEFORE DELETE ON regions_us_0 FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE regions ATTACH PARTITION regions_us FOR VALUES IN ('us');
ALTER TABLE regions DETACH PARTITION regions_eu;
DROP TRIGGER events_row ON events;

-- A second equal key takes the one that a partition has already, and goes no further down.
CREATE TABLE twice (a int, c int) PARTITION BY RANGE (a);
CREATE TABLE twice_low PARTITION OF twice DEFAULT PARTITION BY RANGE (a);
ALTER TABLE twice ADD UNIQUE (c, a);
CREATE TABLE twice_low_1 PARTITION OF twice_low FOR VALUES FROM (20) TO (30);
ALTER TABLE twice_low ADD UNIQUE (c, a);
ALTER TABLE twice ADD UNIQUE (c, a);

-- What a partition brings along of its own follows a rename of the same above it.
CREATE TABLE own_key (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE own_key_1 (a int, b int PRIMARY KEY);
ALTER TABLE own_key ATTACH PARTITION own_key_1 FOR VALUES FROM (1) TO (2);
CREATE TABLE own_key_2 PARTITION OF own_key FOR VALUES FROM (2) TO (3);
ALTER TABLE own_key_2 ADD PRIMARY KEY (b);
ALTER TABLE own_key ALTER COLUMN b SET NOT NULL;
CREATE TABLE own_check (a int, CONSTRAINT two CHECK (a > 0)) PARTITION BY RANGE (a);
CREATE TABLE own_check_1 (LIKE own_check INCLUDING CONSTRAINTS);
ALTER TABLE own_check ATTACH PARTITION own_check_1 FOR VALUES FROM (1) TO (2);
ALTER TABLE own_check RENAME CONSTRAINT two TO three;

-- An index that is not valid is left alone by ATTACH.
CREATE TABLE unsound (a int) PARTITION BY RANGE (a);
CREATE INDEX ON unsound (a);
CREATE TABLE unsound_1 (a int) PARTITION BY RANGE (a);
CREATE TABLE unsound_11 PARTITION OF unsound_1 FOR VALUES FROM (0) TO (9);
CREATE INDEX ON ONLY unsound_1 (a);
ALTER TABLE unsound ATTACH PARTITION unsound_1 FOR VALUES FROM (0) TO (10);

-- A type change makes the indexes of partitions anew with their parent's, and names them anew.
CREATE TABLE renewed (a int NOT NULL, b text, c text) PARTITION BY RANGE (a);
CREATE TABLE renewed_low PARTITION OF renewed FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (a);
CREATE TABLE renewed_lowest PARTITION OF renewed_low FOR VALUES FROM (0) TO (5);
CREATE INDEX own ON renewed_lowest (b);
CREATE INDEX apart ON renewed_lowest (b);
CREATE INDEX whole ON renewed (b);
ALTER TABLE renewed_lowest ADD CONSTRAINT mine UNIQUE (a, c);
ALTER TABLE renewed ADD CONSTRAINT ours UNIQUE (a, c);
ALTER TABLE renewed_low RENAME TO renewed_middle;
ALTER INDEX whole RENAME TO entire;
ALTER TABLE renewed RENAME COLUMN c TO d;
ALTER TABLE renewed ALTER COLUMN b TYPE varchar(10), ALTER COLUMN d TYPE varchar(10);

-- A foreign key to a partition follows the column that was renamed on the partitioned table.
CREATE TABLE followed (a int NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE followed_low (a int PRIMARY KEY);
ALTER TABLE followed ATTACH PARTITION followed_low FOR VALUES FROM (0) TO (10);
CREATE TABLE follows (a int NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE follows_low PARTITION OF follows (FOREIGN KEY (a) REFERENCES followed_low) FOR VALUES FROM (0) TO (10);
ALTER TABLE followed RENAME COLUMN a TO d;
ALTER TABLE follows ADD FOREIGN KEY (a) REFERENCES followed_low;
