-- What only PostgreSQL 18 knows: constraints that are not enforced, NOT NULL that is not valid, keys of partitioned tables that are not valid.

CREATE TABLE late_items (id int, order_id bigint, line int);
ALTER TABLE late_items ADD CONSTRAINT late_items_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT ENFORCED;
ALTER TABLE late_items ADD CONSTRAINT late_line NOT NULL line NOT VALID;
CREATE TABLE late_parents (id int, body text CONSTRAINT late_body NOT NULL);
ALTER TABLE late_parents ADD CONSTRAINT late_not_null NOT NULL id NO INHERIT;
CREATE TABLE late_children () INHERITS (late_parents);
CREATE TABLE late_scans (id int, customer_id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE late_scans_2024 PARTITION OF late_scans FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE late_scans ADD CONSTRAINT late_scans_customer FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
