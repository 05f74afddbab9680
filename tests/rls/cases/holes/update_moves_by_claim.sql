-- base: none
-- finds: moves-row on invoices
CREATE TABLE invoices (id int PRIMARY KEY, tenant_id uuid NOT NULL, total numeric);
INSERT INTO invoices SELECT n, ('20000000-0000-4000-8000-00000000000' || n % 2)::uuid, n FROM generate_series(1, 6) AS n;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON invoices FOR SELECT TO authenticated
USING (tenant_id = ((SELECT auth.jwt()) -> 'app_metadata' ->> 'tenant_id')::uuid);
CREATE POLICY change ON invoices FOR UPDATE TO authenticated
USING (tenant_id = ((SELECT auth.jwt()) -> 'app_metadata' ->> 'tenant_id')::uuid) WITH CHECK (total IS NOT NULL);
