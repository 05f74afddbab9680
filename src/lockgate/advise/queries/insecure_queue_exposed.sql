-- A message queue can be read through the API.
--
-- The tables of `pgmq` queues lie in the schema `pgmq`. When `pgmq_public` (or `pgmq` itself) is served by the API and a
-- queue's table has no row-level security, whoever has the key of the API can read, add and delete messages.
--
-- - https://supabase.com/docs/guides/queues/expose-self-hosted-queues
-- - https://supabase.com/docs/guides/database/database-advisors?lint=0019_insecure_queue_exposed_in_api
SELECT format('The queue table %%I.%%I has no row-level security, and queues are served by the API.', n.nspname, c.relname)
           AS message,
       'Messages of all users can be read, added and deleted by all users.' AS why,
       format('ALTER TABLE %%I.%%I ENABLE ROW LEVEL SECURITY;', n.nspname, c.relname) AS safe
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'pgmq'
  AND c.relkind IN ('r', 'p')
  AND c.relname ~ '^[qa]_'
  AND NOT c.relrowsecurity
  AND %(exposed)s::text[] && ARRAY['pgmq', 'pgmq_public']
ORDER BY 1
