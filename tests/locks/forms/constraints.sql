-- [add-check] every row is read
ALTER TABLE orders ADD CONSTRAINT k CHECK (number > 0);
-- [add-check-not-valid]
ALTER TABLE orders ADD CONSTRAINT k CHECK (number > 0) NOT VALID;
-- [add-check-no-inherit]
ALTER TABLE orders ADD CONSTRAINT k CHECK (number > 0) NO INHERIT;
-- [add-check-function]
ALTER TABLE orders ADD CONSTRAINT k CHECK (is_small(number));
-- [add-check-constant] even a check that names no column
ALTER TABLE orders ADD CONSTRAINT k CHECK (true);
-- [add-check-partitioned]
ALTER TABLE events ADD CONSTRAINT k CHECK (number > 0);
-- [add-check-partitioned-not-valid]
ALTER TABLE events ADD CONSTRAINT k CHECK (number > 0) NOT VALID;
-- [add-check-inherited]
ALTER TABLE people ADD CONSTRAINT k CHECK (age < 100000);
-- [add-check-inherited-no-inherit]
ALTER TABLE people ADD CONSTRAINT k CHECK (age < 100000) NO INHERIT;
-- [add-check-only]
ALTER TABLE ONLY people ADD CONSTRAINT k CHECK (age < 100000) NO INHERIT NOT VALID;
-- [add-check-not-enforced]
-- versions: 18
ALTER TABLE orders ADD CONSTRAINT k CHECK (number > 0) NOT ENFORCED;
-- [add-check-foreign-table]
ALTER TABLE far_orders ADD CONSTRAINT k CHECK (id > 0);
-- [validate-check] reads every row, and everybody goes on
ALTER TABLE orders VALIDATE CONSTRAINT perhaps_present;
-- [validate-check-valid] nothing is left to do
ALTER TABLE orders VALIDATE CONSTRAINT amount_positive;
-- [validate-check-inherited]
ALTER TABLE people VALIDATE CONSTRAINT people_city;
-- [validate-check-no-inherit]
ALTER TABLE people VALIDATE CONSTRAINT people_only;
-- [validate-foreign-key] both tables are read
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;
-- [add-and-validate] the strong lock of the first action is held while the rows are read
ALTER TABLE orders ADD CONSTRAINT k CHECK (number > 0) NOT VALID, VALIDATE CONSTRAINT perhaps_present;
-- [add-foreign-key] writes wait on both sides
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (number) REFERENCES tickets (id);
-- [add-foreign-key-not-valid]
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (number) REFERENCES tickets (id) NOT VALID;
-- [add-foreign-key-implicit-target]
ALTER TABLE orders ADD FOREIGN KEY (number) REFERENCES tickets;
-- [add-foreign-key-self]
ALTER TABLE tree ADD CONSTRAINT k FOREIGN KEY (parent_id) REFERENCES tree (id) DEFERRABLE INITIALLY DEFERRED;
-- [add-foreign-key-cascade]
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (number) REFERENCES tickets (id) ON DELETE CASCADE ON UPDATE SET NULL;
-- [add-foreign-key-type-differs]
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (customer_id) REFERENCES tickets (id);
-- [add-foreign-key-not-enforced]
-- versions: 18
ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (number) REFERENCES tickets (id) NOT ENFORCED;
-- [add-foreign-key-from-partitioned]
ALTER TABLE events ADD CONSTRAINT k FOREIGN KEY (customer_id) REFERENCES customers (id);
-- [add-foreign-key-from-partitioned-not-valid]
-- versions: 18
ALTER TABLE events ADD CONSTRAINT k FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
-- [add-foreign-key-from-partition]
ALTER TABLE events_2024 ADD CONSTRAINT k FOREIGN KEY (customer_id) REFERENCES customers (id);
-- [add-foreign-key-to-partitioned]
ALTER TABLE parcel_links ADD CONSTRAINT k FOREIGN KEY (shipment_id, day) REFERENCES shipments (id, day);
-- [add-foreign-key-to-partitioned-not-valid]
ALTER TABLE parcel_links ADD CONSTRAINT k FOREIGN KEY (shipment_id, day) REFERENCES shipments (id, day) NOT VALID;
-- [add-foreign-key-partitioned-both]
-- data: empty
ALTER TABLE events ADD CONSTRAINT k FOREIGN KEY (number, day) REFERENCES shipments (id, day) ON DELETE SET NULL (number);
-- [add-foreign-key-two-targets] one statement, three tables
ALTER TABLE orders ADD FOREIGN KEY (number) REFERENCES tickets (id) NOT VALID, ADD FOREIGN KEY (amount) REFERENCES tree (id) NOT VALID;
-- [add-foreign-key-new-column]
ALTER TABLE notes ADD COLUMN x int, ADD CONSTRAINT k FOREIGN KEY (x) REFERENCES tickets (id);
-- [add-unique]
ALTER TABLE orders ADD CONSTRAINT k UNIQUE (id, amount);
-- [add-unique-nulls-not-distinct]
ALTER TABLE orders ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (id, amount);
-- [add-unique-using-index] no build: the index is there
ALTER TABLE orders ADD CONSTRAINT k UNIQUE USING INDEX orders_number_key;
-- [add-unique-partitioned]
ALTER TABLE events ADD CONSTRAINT k UNIQUE (day, id);
-- [add-unique-deferrable]
ALTER TABLE orders ADD CONSTRAINT k UNIQUE (id, amount) DEFERRABLE INITIALLY DEFERRED;
-- [add-primary-key] the column is read for NULL, too
ALTER TABLE notes ADD PRIMARY KEY (id);
-- [add-primary-key-not-null]
ALTER TABLE events_2028 ADD PRIMARY KEY (id, day);
-- [add-primary-key-using-index-nullable]
ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE, ADD CONSTRAINT k PRIMARY KEY USING INDEX orders_number_key;
-- [add-primary-key-using-index]
ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE, ADD CONSTRAINT k PRIMARY KEY USING INDEX orders_required_key;
-- [add-primary-key-partitioned]
-- data: empty
ALTER TABLE visits ADD PRIMARY KEY (id, region, number);
-- [add-primary-key-hash-partitioned]
ALTER TABLE buckets ADD PRIMARY KEY (id);
-- [add-exclusion]
ALTER TABLE orders ADD CONSTRAINT k EXCLUDE USING gist (period WITH &&);
-- [add-exclusion-btree]
ALTER TABLE orders ADD CONSTRAINT k EXCLUDE (id WITH =);
-- [add-temporal-key]
-- versions: 18
-- data: empty
ALTER TABLE orders ADD CONSTRAINT k UNIQUE (period, season WITHOUT OVERLAPS);
-- [add-not-null] a named NOT NULL reads every row
-- versions: 18
ALTER TABLE orders ADD CONSTRAINT k NOT NULL amount;
-- [add-not-null-not-valid] later rows are checked, the old ones are not read
-- versions: 18
ALTER TABLE orders ADD CONSTRAINT k NOT NULL amount NOT VALID;
-- [add-not-null-proven]
-- versions: 18
ALTER TABLE orders ADD CONSTRAINT k NOT NULL always;
-- [add-not-null-partitioned]
-- versions: 18
ALTER TABLE events ADD CONSTRAINT k NOT NULL number;
-- [add-not-null-partitioned-not-valid]
-- versions: 18
ALTER TABLE events ADD CONSTRAINT k NOT NULL number NOT VALID;
-- [add-not-null-inherited]
-- versions: 18
ALTER TABLE people ADD CONSTRAINT k NOT NULL age;
-- [add-not-null-inherited-no-inherit]
-- versions: 18
ALTER TABLE people ADD CONSTRAINT k NOT NULL age NO INHERIT;
-- [drop-check]
ALTER TABLE orders DROP CONSTRAINT amount_positive;
-- [drop-foreign-key] both ends
ALTER TABLE orders DROP CONSTRAINT orders_customer;
-- [drop-foreign-key-self]
ALTER TABLE tree DROP CONSTRAINT tree_parent_id_fkey;
-- [drop-foreign-key-from-partitioned]
ALTER TABLE scans DROP CONSTRAINT scans_customer;
-- [drop-foreign-key-to-partitioned]
ALTER TABLE parcels DROP CONSTRAINT parcels_shipment;
-- [drop-unique]
ALTER TABLE customers DROP CONSTRAINT customers_email_key;
-- [drop-primary-key]
ALTER TABLE clustered DROP CONSTRAINT clustered_pkey;
-- [drop-primary-key-referenced] the keys that point here go with it
ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE;
-- [drop-primary-key-partitioned]
ALTER TABLE events DROP CONSTRAINT events_pkey;
-- [drop-primary-key-partitioned-referenced]
ALTER TABLE shipments DROP CONSTRAINT shipments_pkey CASCADE;
-- [drop-check-inherited]
ALTER TABLE people DROP CONSTRAINT people_city;
-- [drop-check-no-inherit]
ALTER TABLE people DROP CONSTRAINT people_only;
-- [drop-constraint-if-exists-missing]
ALTER TABLE orders DROP CONSTRAINT IF EXISTS nothing;
-- [drop-not-null-constraint]
-- versions: 18
ALTER TABLE orders DROP CONSTRAINT orders_required_not_null;
-- [alter-constraint-deferrable]
ALTER TABLE orders ALTER CONSTRAINT orders_customer DEFERRABLE INITIALLY DEFERRED;
-- [alter-constraint-deferrable-partitioned]
ALTER TABLE scans ALTER CONSTRAINT scans_customer DEFERRABLE;
-- [alter-constraint-deferrable-to-partitioned]
ALTER TABLE parcels ALTER CONSTRAINT parcels_shipment DEFERRABLE;
-- [alter-constraint-not-enforced]
-- versions: 18
ALTER TABLE order_items ALTER CONSTRAINT order_items_order_id_fkey NOT ENFORCED;
-- [alter-constraint-enforced]
-- versions: 18
ALTER TABLE late_items ALTER CONSTRAINT late_items_order ENFORCED;
-- [alter-constraint-inherit]
-- versions: 18
ALTER TABLE late_parents ALTER CONSTRAINT late_not_null INHERIT;
-- [alter-constraint-no-inherit]
-- versions: 18
ALTER TABLE late_parents ALTER CONSTRAINT late_body NO INHERIT;
-- [validate-not-null]
-- versions: 18
ALTER TABLE late_items VALIDATE CONSTRAINT late_line;
-- [set-not-null-validates] SET NOT NULL proves the constraint that was not valid
-- versions: 18
ALTER TABLE late_items ALTER COLUMN line SET NOT NULL;
-- [drop-not-null-not-valid]
-- versions: 18
ALTER TABLE late_items ALTER COLUMN line DROP NOT NULL;
-- [validate-foreign-key-partitioned]
-- versions: 18
ALTER TABLE late_scans VALIDATE CONSTRAINT late_scans_customer;
-- [validate-foreign-key-to-partitioned]
ALTER TABLE parcel_notes VALIDATE CONSTRAINT parcel_notes_shipment;
-- [validate-check-partitioned]
ALTER TABLE tours VALIDATE CONSTRAINT tours_small;
-- [rename-constraint]
ALTER TABLE orders RENAME CONSTRAINT amount_positive TO amount_above_zero;
-- [rename-constraint-index] the index is renamed with it
ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO orders_key;
-- [rename-constraint-foreign-key]
ALTER TABLE orders RENAME CONSTRAINT orders_customer TO orders_buyer;
-- [rename-constraint-inherited]
ALTER TABLE people RENAME CONSTRAINT people_city TO people_town;
-- [rename-constraint-domain]
ALTER DOMAIN quantity RENAME CONSTRAINT quantity_positive TO quantity_not_negative;
