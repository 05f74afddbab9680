-- [create-trigger] writers wait
CREATE TRIGGER tg BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();
-- [create-statement-trigger]
CREATE TRIGGER tg AFTER UPDATE ON orders EXECUTE FUNCTION touch();
-- [create-trigger-of-column]
CREATE TRIGGER tg BEFORE UPDATE OF amount ON orders FOR EACH ROW WHEN (NEW.amount > 5) EXECUTE FUNCTION touch();
-- [create-constraint-trigger]
CREATE CONSTRAINT TRIGGER tg AFTER INSERT ON orders DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
-- [create-constraint-trigger-from]
CREATE CONSTRAINT TRIGGER tg AFTER INSERT ON orders FROM customers DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
-- [create-trigger-transition]
CREATE TRIGGER tg AFTER INSERT ON orders REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION touch();
-- [replace-trigger]
CREATE OR REPLACE TRIGGER touched BEFORE UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION touch();
-- [create-trigger-on-view]
CREATE TRIGGER tg INSTEAD OF INSERT ON source_list FOR EACH ROW EXECUTE FUNCTION touch();
-- [drop-trigger] readers wait, too
DROP TRIGGER touched ON guarded;
-- [drop-trigger-if-exists-missing]
DROP TRIGGER IF EXISTS nothing ON guarded;
-- [drop-trigger-if-exists-missing-table]
DROP TRIGGER IF EXISTS touched ON nothing;
-- [rename-trigger]
ALTER TRIGGER touched ON guarded RENAME TO touching;
-- [trigger-depends-on-extension]
ALTER TRIGGER touched ON guarded DEPENDS ON EXTENSION plpgsql;
-- [disable-trigger]
ALTER TABLE guarded DISABLE TRIGGER touched;
-- [disable-trigger-all]
ALTER TABLE guarded DISABLE TRIGGER ALL;
-- [disable-trigger-user]
ALTER TABLE guarded DISABLE TRIGGER USER;
-- [enable-trigger]
ALTER TABLE guarded ENABLE TRIGGER touched;
-- [enable-trigger-always]
ALTER TABLE guarded ENABLE ALWAYS TRIGGER touched;
-- [enable-trigger-replica]
ALTER TABLE guarded ENABLE REPLICA TRIGGER touched;
-- [create-policy]
CREATE POLICY p ON orders FOR SELECT USING (true);
-- [create-policy-subquery] the tables that the policy asks are only read
CREATE POLICY p ON orders USING (customer_id IN (SELECT id FROM customers WHERE email = current_user));
-- [create-policy-check]
CREATE POLICY p ON orders FOR INSERT TO clerk WITH CHECK (amount > 0);
-- [alter-policy]
ALTER POLICY own_rows ON guarded USING (true);
-- [alter-policy-roles]
ALTER POLICY own_rows ON guarded TO clerk;
-- [alter-policy-subquery]
ALTER POLICY own_rows ON guarded USING (EXISTS (SELECT 1 FROM notes));
-- [rename-policy]
ALTER POLICY own_rows ON guarded RENAME TO owned_rows;
-- [drop-policy]
DROP POLICY own_rows ON guarded;
-- [drop-policy-if-exists-missing]
DROP POLICY IF EXISTS nothing ON guarded;
-- [drop-policy-if-exists-missing-table]
DROP POLICY IF EXISTS own_rows ON nothing;
-- [create-publication]
CREATE PUBLICATION pub FOR TABLE orders;
-- [create-publication-several]
CREATE PUBLICATION pub FOR TABLE orders (id, amount), notes WHERE (id > 5);
-- [create-publication-all-tables]
CREATE PUBLICATION pub FOR ALL TABLES;
-- [create-publication-schema]
CREATE PUBLICATION pub FOR TABLES IN SCHEMA archive;
-- [publication-add-table]
ALTER PUBLICATION outbox ADD TABLE orders;
-- [publication-drop-table]
ALTER PUBLICATION outbox DROP TABLE published;
-- [publication-set-tables]
ALTER PUBLICATION outbox SET TABLE orders, notes;
-- [publication-option]
ALTER PUBLICATION outbox SET (publish = 'insert');
-- [publication-add-schema]
ALTER PUBLICATION outbox ADD TABLES IN SCHEMA archive;
-- [publication-rename]
ALTER PUBLICATION outbox RENAME TO letters;
-- [publication-owner]
ALTER PUBLICATION outbox OWNER TO CURRENT_USER;
-- [drop-publication]
DROP PUBLICATION outbox;
-- [create-statistics]
CREATE STATISTICS s ON number, amount FROM orders;
-- [create-statistics-if-not-exists-there]
CREATE STATISTICS IF NOT EXISTS orders_stats ON number, amount FROM orders;
-- [create-statistics-expression]
CREATE STATISTICS s ON (lower(note)) FROM orders;
-- [alter-statistics]
ALTER STATISTICS orders_stats SET STATISTICS 500;
-- [rename-statistics]
ALTER STATISTICS orders_stats RENAME TO orders_numbers;
-- [drop-statistics]
DROP STATISTICS orders_stats;
-- [event-trigger]
CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION event_touch();
