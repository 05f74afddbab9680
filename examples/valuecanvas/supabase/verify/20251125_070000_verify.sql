-- Verify: Index the search and the latest items. Each query must return true.

SELECT count(*) = 2 AND bool_and(indisvalid AND indisready)
FROM pg_catalog.pg_index
WHERE indexrelid IN ('public.items_search_idx'::regclass, 'public.items_organisation_id_idx'::regclass);
