-- The views with their columns, always empty: counting statements needs a library that this server lacks.

CREATE VIEW @extschema@.pg_stat_statements AS
    SELECT NULL::oid AS userid, NULL::oid AS dbid, NULL::boolean AS toplevel, NULL::bigint AS queryid,
           NULL::text AS query, 0::bigint AS plans, 0::float8 AS total_plan_time, 0::float8 AS min_plan_time,
           0::float8 AS max_plan_time, 0::float8 AS mean_plan_time, 0::float8 AS stddev_plan_time,
           0::bigint AS calls, 0::float8 AS total_exec_time, 0::float8 AS min_exec_time, 0::float8 AS max_exec_time,
           0::float8 AS mean_exec_time, 0::float8 AS stddev_exec_time, 0::bigint AS rows,
           0::bigint AS shared_blks_hit, 0::bigint AS shared_blks_read, 0::bigint AS shared_blks_dirtied,
           0::bigint AS shared_blks_written
    WHERE false;
CREATE VIEW @extschema@.pg_stat_statements_info AS SELECT 0::bigint AS dealloc, NULL::timestamptz AS stats_reset WHERE false;
CREATE FUNCTION @extschema@.pg_stat_statements_reset(userid oid DEFAULT 0, dbid oid DEFAULT 0, queryid bigint DEFAULT 0)
RETURNS void LANGUAGE sql AS $body$ $body$;
