-- [add-column] nullable, no default
ALTER TABLE orders ADD COLUMN x int;
-- [add-column-constant] a constant default is kept in the catalog
ALTER TABLE orders ADD COLUMN x int DEFAULT 1;
-- [add-column-not-null-constant]
ALTER TABLE orders ADD COLUMN x int NOT NULL DEFAULT 1;
-- [add-column-now] stable, evaluated once
ALTER TABLE orders ADD COLUMN x timestamptz DEFAULT now();
-- [add-column-current-timestamp]
ALTER TABLE orders ADD COLUMN x timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP;
-- [add-column-now-minus]
ALTER TABLE orders ADD COLUMN x timestamptz DEFAULT now() - interval '1 year';
-- [add-column-timezone-now]
ALTER TABLE orders ADD COLUMN x timestamp DEFAULT timezone('utc', now());
-- [add-column-at-time-zone]
ALTER TABLE orders ADD COLUMN x timestamp DEFAULT (now() AT TIME ZONE 'utc');
-- [add-column-current-date]
ALTER TABLE orders ADD COLUMN x date DEFAULT CURRENT_DATE;
-- [add-column-current-user]
ALTER TABLE orders ADD COLUMN x text DEFAULT current_user;
-- [add-column-lower]
ALTER TABLE orders ADD COLUMN x text DEFAULT lower('ABC');
-- [add-column-jsonb-build-object]
ALTER TABLE orders ADD COLUMN x jsonb DEFAULT jsonb_build_object('a', 1);
-- [add-column-json-literal]
ALTER TABLE orders ADD COLUMN x jsonb NOT NULL DEFAULT '{}';
-- [add-column-empty-array]
ALTER TABLE orders ADD COLUMN x text[] DEFAULT '{}'::text[];
-- [add-column-array-constructor]
ALTER TABLE orders ADD COLUMN x text[] DEFAULT ARRAY['a', 'b'];
-- [add-column-enum-default]
ALTER TABLE orders ADD COLUMN x mood DEFAULT 'calm';
-- [add-column-case-default]
ALTER TABLE orders ADD COLUMN x int DEFAULT CASE WHEN true THEN 1 ELSE 2 END;
-- [add-column-coalesce-volatile]
ALTER TABLE orders ADD COLUMN x float8 DEFAULT coalesce(NULL, random());
-- [add-column-random]
ALTER TABLE orders ADD COLUMN x float8 DEFAULT random();
-- [add-column-random-uuid]
ALTER TABLE orders ADD COLUMN x uuid DEFAULT gen_random_uuid();
-- [add-column-clock-timestamp]
ALTER TABLE orders ADD COLUMN x timestamptz DEFAULT clock_timestamp();
-- [add-column-timeofday]
ALTER TABLE orders ADD COLUMN x text DEFAULT timeofday();
-- [add-column-statement-timestamp]
ALTER TABLE orders ADD COLUMN x timestamptz DEFAULT statement_timestamp();
-- [add-column-nextval]
ALTER TABLE orders ADD COLUMN x bigint DEFAULT nextval('ticket_seq');
-- [add-column-txid]
ALTER TABLE orders ADD COLUMN x bigint DEFAULT txid_current();
-- [add-column-random-in-expression]
ALTER TABLE orders ADD COLUMN x int DEFAULT (floor(random() * 10))::int;
-- [add-column-md5-random]
ALTER TABLE orders ADD COLUMN x text DEFAULT md5(random()::text);
-- [add-column-current-setting]
ALTER TABLE orders ADD COLUMN x text DEFAULT current_setting('server_version');
-- [add-column-uuidv7]
-- versions: 18
ALTER TABLE orders ADD COLUMN x uuid DEFAULT uuidv7();
-- [add-column-null-default]
ALTER TABLE orders ADD COLUMN x int DEFAULT NULL;
-- [add-column-plpgsql-volatile] a user function that says VOLATILE, or says nothing
ALTER TABLE orders ADD COLUMN x int DEFAULT plain_volatile();
-- [add-column-plpgsql-stable]
ALTER TABLE orders ADD COLUMN x int DEFAULT plain_stable();
-- [add-column-plpgsql-immutable]
ALTER TABLE orders ADD COLUMN x int DEFAULT plain_immutable();
-- [add-column-sql-constant] a simple SQL function is inlined, and what is left decides
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_constant();
-- [add-column-sql-random]
ALTER TABLE orders ADD COLUMN x float8 DEFAULT sql_random();
-- [add-column-sql-random-called-stable] the body is more volatile than the label, so it is not inlined: the label decides
ALTER TABLE orders ADD COLUMN x float8 DEFAULT sql_random_called_stable();
-- [add-column-sql-arguments]
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_add(1, 2);
-- [add-column-sql-definer] SECURITY DEFINER is never inlined
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_definer();
-- [add-column-sql-with-path] a SET clause forbids inlining
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_with_path();
-- [add-column-sql-strict]
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_strict(1);
-- [add-column-sql-from-table] a query with FROM is never inlined
ALTER TABLE orders ADD COLUMN x bigint DEFAULT sql_from_table();
-- [add-column-sql-nested]
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_nested();
-- [add-column-sql-standard] a body in the SQL-standard form
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_standard();
-- [add-column-sql-cast-result] the body's type differs from the declared one
ALTER TABLE orders ADD COLUMN x bigint DEFAULT sql_wrong_type();
-- [add-column-sql-volatile-argument]
ALTER TABLE orders ADD COLUMN x int DEFAULT sql_add(1, plain_volatile());
-- [add-column-generated-stored]
ALTER TABLE orders ADD COLUMN x int GENERATED ALWAYS AS (number + 1) STORED;
-- [add-column-generated-virtual] computed when read
-- versions: 18
ALTER TABLE orders ADD COLUMN x int GENERATED ALWAYS AS (number + 1) VIRTUAL;
-- [add-column-generated-default-kind] without a word it is VIRTUAL
-- versions: 18
ALTER TABLE orders ADD COLUMN x int GENERATED ALWAYS AS (number + 1);
-- [add-column-generated-virtual-not-null]
-- versions: 18
-- data: empty
ALTER TABLE orders ADD COLUMN x int GENERATED ALWAYS AS (required + 1) VIRTUAL NOT NULL;
-- [add-column-serial]
ALTER TABLE orders ADD COLUMN x serial;
-- [add-column-bigserial]
ALTER TABLE orders ADD COLUMN x bigserial;
-- [add-column-identity]
ALTER TABLE notes ADD COLUMN x bigint GENERATED ALWAYS AS IDENTITY;
-- [add-column-identity-by-default]
ALTER TABLE notes ADD COLUMN x int GENERATED BY DEFAULT AS IDENTITY;
-- [add-column-check] the check is proved against every row, although all are NULL
ALTER TABLE orders ADD COLUMN x int CHECK (x > 0);
-- [add-column-check-default]
ALTER TABLE orders ADD COLUMN x int DEFAULT 1 CHECK (x > 0);
-- [add-column-references] nothing to check while the column is NULL
ALTER TABLE notes ADD COLUMN x bigint REFERENCES customers (id);
-- [add-column-references-default-null]
ALTER TABLE notes ADD COLUMN x bigint DEFAULT NULL REFERENCES customers (id);
-- [add-column-references-default] the default has to be looked up
ALTER TABLE notes ADD COLUMN x bigint DEFAULT 1 REFERENCES customers (id);
-- [add-column-references-volatile]
-- data: empty
ALTER TABLE notes ADD COLUMN x bigint DEFAULT plain_volatile() REFERENCES customers (id);
-- [add-column-references-self]
ALTER TABLE orders ADD COLUMN x bigint REFERENCES orders (id);
-- [add-column-references-partitioned]
ALTER TABLE notes ADD COLUMN x int, ADD COLUMN y date, ADD FOREIGN KEY (x, y) REFERENCES shipments (id, day) NOT VALID;
-- [add-column-unique]
ALTER TABLE orders ADD COLUMN x int UNIQUE;
-- [add-column-primary-key]
-- data: empty
ALTER TABLE notes ADD COLUMN x int PRIMARY KEY;
-- [add-column-primary-key-serial]
ALTER TABLE notes ADD COLUMN x serial PRIMARY KEY;
-- [add-column-primary-key-identity]
ALTER TABLE notes ADD COLUMN x int GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
-- [add-column-not-null] fails on a table with rows
-- data: empty
ALTER TABLE orders ADD COLUMN x int NOT NULL;
-- [add-column-domain] a domain without constraints is only a name
ALTER TABLE orders ADD COLUMN x label;
-- [add-column-domain-check] a domain with a constraint is checked row by row
ALTER TABLE orders ADD COLUMN x quantity;
-- [add-column-domain-check-default]
ALTER TABLE orders ADD COLUMN x quantity DEFAULT 5;
-- [add-column-domain-nested]
ALTER TABLE orders ADD COLUMN x small_quantity;
-- [add-column-domain-not-null]
ALTER TABLE orders ADD COLUMN x present_int DEFAULT 1;
-- [add-column-domain-array]
ALTER TABLE orders ADD COLUMN x quantity[];
-- [add-column-domain-volatile-default] the domain brings a default of its own
ALTER TABLE orders ADD COLUMN x random_key;
-- [add-column-domain-constant-default]
ALTER TABLE orders ADD COLUMN x five;
-- [add-column-domain-default-overridden]
ALTER TABLE orders ADD COLUMN x random_key DEFAULT NULL;
-- [add-column-composite]
ALTER TABLE orders ADD COLUMN x address;
-- [add-column-several] several columns in one statement: one lock
ALTER TABLE orders ADD COLUMN x int, ADD COLUMN y text DEFAULT 'a', ADD COLUMN z date;
-- [add-column-several-one-volatile]
ALTER TABLE orders ADD COLUMN x int, ADD COLUMN y uuid DEFAULT gen_random_uuid();
-- [add-column-if-not-exists]
ALTER TABLE orders ADD COLUMN IF NOT EXISTS x int;
-- [add-column-if-not-exists-there] the column is there: only the lock is left
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text DEFAULT md5(random()::text);
-- [add-column-collate]
ALTER TABLE orders ADD COLUMN x text COLLATE "C" DEFAULT 'a';
-- [add-column-compression]
ALTER TABLE orders ADD COLUMN x text COMPRESSION pglz;
-- [add-column-storage]
-- versions: 16-18
ALTER TABLE orders ADD COLUMN x text STORAGE EXTERNAL;
-- [add-column-partitioned] every partition gets the column
ALTER TABLE events ADD COLUMN x int;
-- [add-column-partitioned-volatile]
ALTER TABLE events ADD COLUMN x uuid DEFAULT gen_random_uuid();
-- [add-column-partitioned-default]
ALTER TABLE visits ADD COLUMN x int NOT NULL DEFAULT 1;
-- [add-column-partitioned-check]
ALTER TABLE visits ADD COLUMN x int CHECK (x > 0);
-- [add-column-partitioned-references]
ALTER TABLE visits ADD COLUMN x bigint REFERENCES customers (id);
-- [add-column-partitioned-generated]
ALTER TABLE visits ADD COLUMN x int GENERATED ALWAYS AS (number + 1) STORED;
-- [add-column-partitioned-empty]
ALTER TABLE journal ADD COLUMN x int;
-- [add-column-inherited] every child gets the column
ALTER TABLE people ADD COLUMN x int;
-- [add-column-inherited-volatile]
ALTER TABLE people ADD COLUMN x uuid DEFAULT gen_random_uuid();
-- [add-column-inherited-middle]
ALTER TABLE employees ADD COLUMN x int DEFAULT 1;
-- [add-column-leaf-child]
ALTER TABLE managers ADD COLUMN x int;
-- [add-column-foreign-table]
ALTER FOREIGN TABLE far_orders ADD COLUMN x int;
-- [add-column-unlogged]
ALTER TABLE scratch ADD COLUMN x int;
-- [add-attribute-type] a composite type used by a column of a table
ALTER TYPE address ADD ATTRIBUTE zip text CASCADE;
-- [add-attribute-typed-table] the tables made from the type get it as well
ALTER TYPE place ADD ATTRIBUTE zip text CASCADE;
-- [add-column-missing-table]
ALTER TABLE IF EXISTS nowhere_to_be_found ADD COLUMN x int;
-- [add-column-viewed] dependent views are not touched
ALTER TABLE sources ADD COLUMN x int;
