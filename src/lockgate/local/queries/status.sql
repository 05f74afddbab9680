SELECT (SELECT pg_database_size(d.oid) FROM pg_database d WHERE d.datname = %s),
       (SELECT count(*) FROM pg_database t WHERE starts_with(t.datname, %s)),
       extract(epoch FROM pg_postmaster_start_time())
