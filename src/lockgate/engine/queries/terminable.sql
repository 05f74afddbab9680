-- Which of some backends a run may end at all: plain client sessions, no other runner, nothing that makes a backup.
SELECT a.pid
FROM pg_catalog.pg_stat_activity a
WHERE a.pid = ANY (%(pids)s)
  AND a.datname = current_database()
  AND a.backend_type = 'client backend'
  AND a.pid <> pg_backend_pid()
  AND a.application_name !~ '^lockgate '
  AND a.application_name !~* '(pg_?dump|pg_basebackup|pg_?restore|pgbackrest|barman|wal-g|walg|pg_receivewal|backup)'
  AND a.query !~* '^\s*(vacuum|analyze|reindex|cluster|create\s+(unique\s+)?index)\y'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_replication r WHERE r.pid = a.pid)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_basebackup b WHERE b.pid = a.pid)
