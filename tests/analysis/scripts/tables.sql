CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('low', 'high');
ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high';
ALTER TYPE mood RENAME VALUE 'low' TO 'lowest';
CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0);
ALTER DOMAIN price ADD CONSTRAINT small CHECK (VALUE < 1000000) NOT VALID;
ALTER DOMAIN price VALIDATE CONSTRAINT small;
CREATE DOMAIN label AS text NOT NULL;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name varchar(50) CHECK (name <> ''),
    age int CHECK (age > 0) CHECK (age < 200),
    mood mood DEFAULT 'high',
    tags text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    initials text GENERATED ALWAYS AS (left(name, 1)) STORED,
    UNIQUE (name, age),
    CONSTRAINT together CHECK (name IS NOT NULL OR email IS NOT NULL),
    CHECK (age > 1 OR mood IS NOT NULL)
);
CREATE TABLE shop.orders (
    id serial PRIMARY KEY,
    user_id bigint REFERENCES users ON DELETE CASCADE,
    total price,
    code label,
    note character(3),
    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE SET NULL
);
CREATE INDEX ON shop.orders (user_id);
CREATE INDEX ON shop.orders (user_id);
CREATE INDEX ON shop.orders (lower(note), id DESC NULLS LAST) WHERE total > 5;
CREATE UNIQUE INDEX orders_code ON shop.orders USING btree (code) INCLUDE (total);

ALTER TABLE users ADD COLUMN phone text, ADD COLUMN vip boolean DEFAULT false NOT NULL, DROP COLUMN tags;
ALTER TABLE users ADD CONSTRAINT phone_present CHECK (phone IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT phone_present;
ALTER TABLE users ALTER COLUMN phone SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT phone_present;
ALTER TABLE users ALTER COLUMN age TYPE bigint, ALTER COLUMN vip DROP NOT NULL;
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
ALTER TABLE shop.orders RENAME COLUMN total TO amount;
ALTER TABLE shop.orders RENAME CONSTRAINT orders_pkey TO orders_key;
ALTER TABLE shop.orders RENAME TO sales;
ALTER INDEX shop.orders_code RENAME TO sales_code;
CREATE UNIQUE INDEX users_phone ON users (phone);
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE USING INDEX users_phone;
ALTER TABLE users ADD EXCLUDE USING btree (name WITH =);

CREATE TABLE copies (LIKE users INCLUDING ALL);
CREATE TABLE bare (LIKE users);
CREATE TABLE derived (extra int) INHERITS (users);
ALTER TABLE users ADD COLUMN late int CHECK (late > 0);
CREATE TABLE picked AS SELECT id, email FROM users WITH NO DATA;
SELECT id INTO chosen FROM users;
CREATE UNLOGGED TABLE scratch (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE SEQUENCE numbers;
CREATE TABLE moved (id int PRIMARY KEY);
ALTER TABLE moved SET SCHEMA shop;
CREATE TABLE doomed (id int PRIMARY KEY, other int REFERENCES users);
DROP TABLE doomed;
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id int REFERENCES parent);
DROP TABLE parent CASCADE;
CREATE TYPE point3 AS (x int, y int, z int);
CREATE TYPE pair AS (first int, second text);
CREATE TABLE typed OF pair (first WITH OPTIONS NOT NULL, PRIMARY KEY (first));
CREATE TABLE plain_typed OF pair;
ALTER TABLE plain_typed NOT OF;
ALTER TABLE plain_typed ADD COLUMN third date;
CREATE TABLE booked (room int4range, starts timestamp, ends timestamp, kind text);
ALTER TABLE booked ADD EXCLUDE USING gist (room WITH &&, tsrange(starts, ends) WITH &&) WHERE (kind <> 'free');
ALTER TABLE booked ADD CONSTRAINT alone EXCLUDE USING btree (kind WITH =) INCLUDE (starts);
CREATE TABLE booked_too (LIKE booked INCLUDING INDEXES);
CREATE INDEX ON booked (kind) INCLUDE (starts, ends);
CREATE INDEX ON booked (lower(kind), (room)) INCLUDE (ends);
ALTER TABLE booked ADD UNIQUE (starts) INCLUDE (ends);
CREATE TABLE booked_like (LIKE booked INCLUDING INDEXES);
CREATE INDEX ON booked (coalesce(kind, 'a'), (CASE WHEN kind = 'a' THEN 1 END), greatest(starts, ends), (kind || 'a'));
CREATE INDEX ON booked ((kind::varchar), (lower(kind)::varchar), ((kind || 'a')::varchar), nullif(kind, 'a'), (kind COLLATE "C"));

-- A column that a child has already is merged; since 18 it takes NOT NULL from its parent.
CREATE TABLE merging (a int);
CREATE TABLE merging_child (d int) INHERITS (merging);
ALTER TABLE merging ADD COLUMN d int NOT NULL;

-- A check that a child has of its own as well is one with its parent's, and goes by its name.
CREATE TABLE named (a int);
CREATE TABLE named_child () INHERITS (named);
ALTER TABLE named ADD CONSTRAINT filled CHECK (a IS NOT NULL);
ALTER TABLE named_child ADD CONSTRAINT filled CHECK (a IS NOT NULL);
ALTER TABLE named RENAME CONSTRAINT filled TO given;
ALTER TABLE named ADD CONSTRAINT positive CHECK (a > 0) NO INHERIT;
ALTER TABLE named_child ADD CONSTRAINT positive CHECK (a > 0);
ALTER TABLE named RENAME CONSTRAINT positive TO above_zero;
