-- [inherit]
ALTER TABLE visitors INHERIT people;
-- [no-inherit]
ALTER TABLE employees NO INHERIT people;
-- [create-child]
CREATE TABLE z (extra int) INHERITS (people);
-- [create-child-of-two]
CREATE TABLE z () INHERITS (people, loose_addresses);
-- [drop-child]
DROP TABLE managers;
-- [drop-parent-cascade]
DROP TABLE people CASCADE;
-- [truncate-parent]
TRUNCATE people;
-- [truncate-parent-only]
TRUNCATE ONLY people;
-- [lock-parent]
LOCK TABLE people IN SHARE MODE;
-- [select-parent]
SELECT * FROM people;
-- [select-parent-only]
SELECT * FROM ONLY people;
-- [update-parent]
UPDATE people SET city = 'x';
-- [delete-parent-only]
DELETE FROM ONLY people;
-- [rename-parent]
ALTER TABLE people RENAME TO persons;
-- [owner-parent]
ALTER TABLE people OWNER TO clerk;
-- [set-options-parent]
ALTER TABLE people SET (fillfactor = 70);
-- [row-security-parent]
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
-- [trigger-parent]
CREATE TRIGGER tg AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION touch();
-- [disable-trigger-parent]
ALTER TABLE people DISABLE TRIGGER people_touched;
-- [set-logged-parent]
ALTER TABLE people SET UNLOGGED;
-- [set-storage-parent]
ALTER TABLE people ALTER COLUMN city SET STORAGE EXTERNAL;
-- [set-compression-parent]
ALTER TABLE people ALTER COLUMN city SET COMPRESSION pglz;
-- [drop-default-parent]
ALTER TABLE people ALTER COLUMN city DROP DEFAULT;
-- [drop-not-null-parent]
ALTER TABLE people ALTER COLUMN city DROP NOT NULL;
-- [analyze-parent]
ANALYZE people;
-- [reindex-parent]
REINDEX TABLE people;
-- [add-unique-parent]
ALTER TABLE people ADD UNIQUE (id);
-- [add-foreign-key-parent]
ALTER TABLE people ADD FOREIGN KEY (id) REFERENCES tickets (id);
-- [add-primary-key-parent]
ALTER TABLE people ADD PRIMARY KEY (id);
-- [select-child]
SELECT * FROM employees;
-- [of-type]
ALTER TABLE loose_addresses OF place;
-- [not-of]
ALTER TABLE places NOT OF;
-- [create-typed-table]
CREATE TABLE z OF address;
-- [drop-constraint-if-exists-missing-parent]
ALTER TABLE people DROP CONSTRAINT IF EXISTS nothing;
-- [validate-valid-parent]
ALTER TABLE people VALIDATE CONSTRAINT people_age_check;
-- [inherit-with-children]
ALTER TABLE clans INHERIT peoples;
-- [publish-parent] the children are published as well
CREATE PUBLICATION pub FOR TABLE people;
-- [publish-parent-only]
CREATE PUBLICATION pub FOR TABLE ONLY people;
-- [truncate-child]
TRUNCATE employees;
-- [drop-not-null-parent-there]
-- versions: 18
ALTER TABLE late_parents ALTER COLUMN body DROP NOT NULL;
-- [add-column-parent-only-child-has-it]
ALTER TABLE people ADD COLUMN salary int;
-- [index-if-not-exists-parent]
CREATE INDEX IF NOT EXISTS i ON ONLY people (id);
-- [vacuum-parent]
-- hold: LOCK TABLE people IN SHARE UPDATE EXCLUSIVE MODE
VACUUM people;
-- [cluster-on-parent]
ALTER TABLE people SET WITHOUT CLUSTER;
