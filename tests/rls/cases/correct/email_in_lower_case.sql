-- base: none
CREATE TABLE invoices (id bigint PRIMARY KEY, customer_email text NOT NULL, total int);
INSERT INTO invoices SELECT n, upper('user' || n || '@example.org'), n FROM generate_series(1,4) n;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON invoices FOR SELECT TO authenticated USING (lower(customer_email) = lower(auth.jwt() ->> 'email'));
