INSERT INTO public.activity_log (id, organisation_id, actor_id, action, entity, entity_id, detail, created_at)
SELECT
  pg_temp.key('activity', n),
  pg_temp.key('organisation', organisation),
  CASE WHEN pg_temp.share(n, 60) > 0.05 THEN pg_temp.key('user', worker) END,
  pg_temp.pick('{created,created,updated,updated,updated,updated,updated,deleted}', n, 61)::public.activity_action,
  'items',
  pg_temp.key('item', item),
  CASE WHEN pg_temp.share(n, 62) < 0.9 THEN '{}'::jsonb ELSE jsonb_build_object('from', n %% 500, 'reason', 'moved') END,
  -- Four busy months, and a few rows from before, which lie in the default partition.
  pg_temp.moment(n, 63, '2025-09-20 00:00:00+00', '2026-01-20 00:00:00+00')
FROM generate_series(0, %(activities)s - 1) AS n
CROSS JOIN LATERAL (SELECT floor(%(items)s * pg_temp.share(n, 64))::bigint OFFSET 0) AS subject (item)
CROSS JOIN LATERAL (SELECT pg_temp.canvas_of(item) OFFSET 0) AS board (canvas)
CROSS JOIN LATERAL (SELECT pg_temp.creator_of(canvas) OFFSET 0) AS person (creator)
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(creator) OFFSET 0) AS place (organisation)
CROSS JOIN LATERAL (SELECT pg_temp.worker(creator, organisation, n) OFFSET 0) AS staff (worker);
