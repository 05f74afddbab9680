INSERT INTO public.canvases
  (id, organisation_id, title, description, settings, created_by, item_count, archived_at, created_at, updated_at)
SELECT
  pg_temp.key('canvas', n),
  pg_temp.key('organisation', organisation),
  pg_temp.pick('{Roadmap,Ideas,Retrospective,価値の地図,Übersicht,Budget,Hiring,"Was nun?"}', n, 90) || ' ' || n,
  CASE WHEN pg_temp.share(n, 91) < 0.3 THEN pg_temp.pick('{What comes when,For the board,Draft,Privé,下書き}', n, 92) END,
  CASE WHEN pg_temp.share(n, 93) < 0.85 THEN '{}'::jsonb ELSE jsonb_build_object('grid', true, 'background', 'dots') END,
  pg_temp.key('user', worker),
  coalesce(i.items, 0),
  CASE WHEN pg_temp.share(n, 94) < 0.05 THEN timestamptz '2025-12-12 09:00:00+00' END,
  moment,
  moment + interval '14 days' * pg_temp.share(n, 95)
FROM generate_series(0, %(canvases)s - 1) AS n
CROSS JOIN LATERAL (SELECT pg_temp.creator_of(n) OFFSET 0) AS person (creator)
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(creator) OFFSET 0) AS place (organisation)
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.is_member(creator) THEN creator ELSE organisation END OFFSET 0) AS staff (worker)
CROSS JOIN LATERAL (SELECT pg_temp.moment(n, 96, '2025-11-19 09:00:00+00', '2025-12-01 00:00:00+00') OFFSET 0) AS time (moment)
LEFT JOIN (
  SELECT pg_temp.canvas_of(item), count(*) FROM generate_series(0, %(items)s - 1) AS item GROUP BY pg_temp.canvas_of(item)
) AS i (canvas, items) ON i.canvas = n;
