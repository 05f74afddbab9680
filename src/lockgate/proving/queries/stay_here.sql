-- The oldest patch releases have no such setting.
SELECT pg_catalog.set_config(name, 'foreign-table', false)
FROM pg_catalog.pg_settings
WHERE name = 'restrict_nonsystem_relation_kind'
