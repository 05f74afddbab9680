SELECT
  coalesce(sum(pg_catalog.pg_total_relation_size(t.oid::regclass)), 0)::double precision,
  (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'),
  coalesce(inet_server_addr() = inet_client_addr(), true)
FROM unnest(%(tables)s::oid[]) AS t (oid)
