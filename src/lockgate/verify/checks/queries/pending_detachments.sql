SELECT h.inhrelid::regclass::text,
       pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', h.inhparent::regclass, h.inhrelid::regclass)
FROM pg_catalog.pg_inherits AS h
WHERE h.inhdetachpending
ORDER BY 1
