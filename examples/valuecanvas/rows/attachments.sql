INSERT INTO public.attachments
  (id, organisation_id, item_id, uploaded_by, object_path, content_type, size_bytes, created_at)
SELECT
  pg_temp.key('attachment', n),
  pg_temp.key('organisation', organisation),
  pg_temp.key('item', item),
  pg_temp.key('user', worker),
  pg_temp.key('organisation', organisation) || '/' || pg_temp.key('item', item) || '/' || n || '.png',
  pg_temp.pick('{image/png,image/jpeg,image/webp,application/pdf}', n, 80),
  (100 / (0.00001 + pg_temp.share(n, 81)))::bigint,
  pg_temp.moment(n, 82, '2025-11-21 10:00:00+00', '2025-12-15 00:00:00+00')
FROM generate_series(0, %(attachments)s - 1) AS n
CROSS JOIN LATERAL (SELECT floor(%(items)s * pg_temp.share(n, 83))::bigint OFFSET 0) AS subject (item)
CROSS JOIN LATERAL (SELECT pg_temp.canvas_of(item) OFFSET 0) AS board (canvas)
CROSS JOIN LATERAL (SELECT pg_temp.creator_of(canvas) OFFSET 0) AS person (creator)
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(creator) OFFSET 0) AS place (organisation)
CROSS JOIN LATERAL (SELECT pg_temp.worker(creator, organisation, n) OFFSET 0) AS staff (worker);
