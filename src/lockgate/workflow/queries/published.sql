-- Which of some relations are published, and who subscribes as far as this server can tell (active logical slots).
SELECT p.schemaname || '.' || p.tablename AS relation,
  string_agg(p.pubname::text, ', ' ORDER BY p.pubname) AS publications,
  (SELECT count(*) FROM pg_catalog.pg_replication_slots s
   WHERE s.slot_type = 'logical' AND s.database = current_database()) AS slots
FROM pg_catalog.pg_publication_tables p
WHERE p.schemaname || '.' || p.tablename = ANY (%s)
GROUP BY 1
ORDER BY 1
