-- [select]
SELECT * FROM orders;
-- [select-key] an index finds the row
SELECT * FROM orders WHERE id = 7;
-- [select-for-update] rows are locked, the table is not closed
SELECT * FROM orders FOR UPDATE;
-- [select-for-share]
SELECT * FROM orders FOR SHARE;
-- [select-for-update-of]
SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id FOR UPDATE OF o;
-- [select-for-update-view]
SELECT * FROM source_list FOR UPDATE;
-- [select-subquery]
-- plan: free
SELECT * FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE city = 'x');
-- [select-cte]
WITH late AS (SELECT id FROM orders WHERE note = 'x') SELECT * FROM late;
-- [select-view]
SELECT * FROM source_names;
-- [select-view-join]
SELECT * FROM mixed;
-- [select-matview]
SELECT * FROM source_copy;
-- [select-partitioned]
SELECT * FROM events WHERE number = 5;
-- [select-pruned] a constant bound leaves one partition
SELECT * FROM events WHERE day = '2024-06-01';
-- [select-union]
SELECT id FROM notes UNION ALL SELECT id FROM scratch;
-- [select-lateral]
SELECT * FROM notes n, LATERAL (SELECT max(s.body) FROM scratch s WHERE s.body < n.body) x WHERE n.id = 5;
-- [select-count]
SELECT count(*) FROM notes;
-- [select-guarded]
SELECT * FROM guarded;
-- [select-nothing]
SELECT 1;
-- [advisory-lock]
SELECT pg_advisory_xact_lock(1);
-- [select-function-over-table] a function body that is known is followed
SELECT count_notes();
-- [call-procedure]
CALL clean_notes();
-- [values]
VALUES (1), (2);
-- [table-command]
TABLE notes;
-- [insert]
INSERT INTO notes VALUES (1, 'x');
-- [insert-select]
INSERT INTO notes (id) SELECT number FROM orders;
-- [insert-on-conflict]
INSERT INTO scratch VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET body = excluded.body;
-- [insert-returning]
INSERT INTO notes VALUES (1, 'x') RETURNING id;
-- [insert-foreign-key] the row pointed at is locked for a moment
-- data: rows
INSERT INTO order_items VALUES (1, 9, 'x');
-- [insert-partitioned]
-- data: rows
INSERT INTO events SELECT id + 100000, day, kind FROM events;
-- [insert-view]
INSERT INTO source_list VALUES (-1, 'x');
-- [insert-columns]
INSERT INTO orders (id, required, always, perhaps, number, total, placed_at) VALUES (-1, -1, 1, 1, 1000000, 1, now());
-- [update-all] every row is written
UPDATE notes SET body = 'x';
-- [update-key]
UPDATE scratch SET body = 'x' WHERE id = 7;
-- [update-key-list]
UPDATE scratch SET body = 'x' WHERE id IN (7, 8);
-- [update-not-indexed]
UPDATE notes SET body = 'x' WHERE id = 7;
-- [update-not-equal]
UPDATE scratch SET body = 'x' WHERE body IS NULL;
-- [update-from]
UPDATE notes SET body = s.body FROM scratch s WHERE s.id = notes.id;
-- [update-subquery]
UPDATE notes SET body = (SELECT max(body) FROM scratch);
-- [update-partitioned]
UPDATE events SET kind = 'x';
-- [update-view]
UPDATE source_list SET body = 'x';
-- [update-referenced-key]
-- data: rows
UPDATE sample_parents SET id = 6001 WHERE id = 5001;
-- [update-foreign-key-column]
-- data: rows
UPDATE sample_children SET parent_id = 5001 WHERE id = 1;
-- [update-self]
UPDATE orders SET amount = amount;
-- [delete-all]
DELETE FROM notes;
-- [delete-key]
DELETE FROM scratch WHERE id = 7;
-- [delete-cascading] the rows that point here go with it
-- data: rows
DELETE FROM orders;
-- [delete-referenced] the tables that point here are asked
-- data: rows
DELETE FROM sample_parents WHERE id = 5001;
-- [delete-using]
DELETE FROM notes USING scratch s WHERE s.id = notes.id AND s.body = 'n';
-- [delete-partitioned]
DELETE FROM visits;
-- [merge]
MERGE INTO notes n USING scratch s ON n.id = s.id WHEN MATCHED THEN UPDATE SET body = s.body WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.body);
-- [merge-returning]
-- versions: 17-18
MERGE INTO notes n USING (SELECT * FROM scratch) s ON n.id = s.id WHEN MATCHED THEN DELETE RETURNING n.id;
-- [modifying-cte]
WITH gone AS (DELETE FROM notes RETURNING id) INSERT INTO scratch SELECT id + 10000 FROM gone;
-- [explain]
EXPLAIN UPDATE notes SET body = 'x';
-- [explain-analyze]
EXPLAIN ANALYZE UPDATE notes SET body = 'x';
-- [prepare]
PREPARE q AS UPDATE notes SET body = 'x';
-- [declare-cursor]
DECLARE c CURSOR FOR SELECT * FROM notes;
-- [do-static] the statements of a block count as if they stood alone
DO $$ BEGIN ALTER TABLE notes ADD COLUMN x int; UPDATE scratch SET body = 'x'; END $$;
-- [do-execute-constant] a constant string can be read
DO $$ BEGIN EXECUTE 'ALTER TABLE notes ADD COLUMN x int'; END $$;
-- [do-nothing]
DO $$ BEGIN PERFORM 1; END $$;
-- [do-loop]
DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM notes LOOP NULL; END LOOP; END $$;
-- [set-parameter]
SET lock_timeout = '1s';
-- [set-local]
SET LOCAL statement_timeout = '5s';
-- [reset-parameter]
RESET lock_timeout;
-- [show]
SHOW lock_timeout;
-- [listen]
LISTEN news;
-- [notify]
NOTIFY news;
-- [set-constraints]
SET CONSTRAINTS ALL IMMEDIATE;
-- [discard-plans]
DISCARD PLANS;
-- [savepoint]
SAVEPOINT here;
-- [checkpoint]
CHECKPOINT;
-- [insert-audited] what a trigger does counts as well
-- data: rows
INSERT INTO audited VALUES (100000, 'x');
-- [update-audited]
-- data: rows
UPDATE audited SET body = 'x';
-- [delete-audited] the trigger does not fire for this event
DELETE FROM audited;
-- [delete-set-null] the rows that point here are changed
-- data: rows
DELETE FROM owners WHERE id = 1;
-- [update-cascading]
-- data: rows
UPDATE owners SET id = 100001 WHERE id = 1;
-- [delete-cascading-twice] without an index on the keys every table is read whole for each row
-- data: rows
DELETE FROM things WHERE id = 2;
-- [update-key-cascading-nowhere]
-- data: rows
UPDATE parts SET thing_id = NULL WHERE id = 3;
-- [do-execute-variable] a statement that is put together cannot be told
DO $$ DECLARE t text := 'notes'; BEGIN EXECUTE 'SELECT 1 FROM ' || 'pg_class' || ' LIMIT 0'; END $$;
-- [do-commit] a block that ends its transaction
-- hold: none
DO $$ BEGIN COMMIT; END $$;
-- [do-condition] a query in a condition
DO $$ BEGIN IF EXISTS (SELECT 1 FROM notes WHERE id = -5) THEN RAISE NOTICE 'there'; END IF; END $$;
-- [do-exception]
DO $$ BEGIN CREATE TABLE z (id bigint REFERENCES customers (id)); EXCEPTION WHEN duplicate_table THEN NULL; END $$;
-- [do-call-function]
DO $$ BEGIN PERFORM count_notes(); END $$;
-- [insert-from-function]
INSERT INTO scores SELECT 1, count_notes();
-- [explain-select]
EXPLAIN SELECT * FROM source_names;
-- [select-only-partition]
SELECT * FROM events_2024;
-- [select-join-using]
SELECT * FROM notes JOIN scratch USING (id);
-- [select-exists]
-- plan: free
SELECT * FROM notes WHERE EXISTS (SELECT 1 FROM scratch WHERE scratch.id = notes.id);
-- [select-recursive]
-- plan: free
WITH RECURSIVE up AS (SELECT id, parent_id FROM tree WHERE id = 5 UNION ALL SELECT t.id, t.parent_id FROM tree t JOIN up ON up.parent_id = t.id) SELECT * FROM up;
-- [select-shadowed-name] a WITH query that bears the name of a table
WITH orders AS (SELECT 1 AS id) SELECT * FROM orders;
-- [copy-from-columns]
COPY scores (id) FROM '/dev/null';
-- [execute-ddl-in-function] a function with DDL in it
SELECT add_score_column();
-- [insert-view-instead] a trigger takes the place of the change
-- data: rows
INSERT INTO entered VALUES (-7, 'x');
-- [insert-null-key] a NULL points nowhere
-- data: rows
INSERT INTO parts VALUES (100000, NULL);
