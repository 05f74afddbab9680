-- Asking for the size of the table takes its weakest lock and touches its files, as the smallest query would.
SELECT coalesce(sum(pg_catalog.pg_relation_size(t.oid::regclass)), 0) FROM unnest(%(tables)s::oid[]) AS t (oid)
