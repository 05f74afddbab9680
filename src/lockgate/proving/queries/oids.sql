-- Every object that a user made and that a CASCADE could take along, by its oid.
SELECT oid::int8 FROM pg_catalog.pg_class WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_type WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_proc WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_constraint WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_trigger WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_policy WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_rewrite WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_namespace
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_extension
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_publication
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_event_trigger
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_statistic_ext
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_operator WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_opclass WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_opfamily WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_cast WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_collation WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_conversion WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_default_acl
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_foreign_data_wrapper
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_foreign_server
UNION ALL SELECT umid::int8 FROM pg_catalog.pg_user_mappings
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_language
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_transform
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_am
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_ts_config WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_ts_dict WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_ts_parser WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_ts_template WHERE oid >= 16384
UNION ALL SELECT oid::int8 FROM pg_catalog.pg_roles
