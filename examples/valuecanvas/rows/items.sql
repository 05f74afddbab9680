INSERT INTO public.items
  (id, organisation_id, canvas_id, kind, title, body, x, y, value_cents, created_by, comment_count, created_at, updated_at)
SELECT
  pg_temp.key('item', n),
  pg_temp.key('organisation', organisation),
  pg_temp.key('canvas', canvas),
  pg_temp.pick('{note,note,note,note,card,card,card,image,link,frame}', n, 40)::public.item_kind,
  CASE WHEN pg_temp.share(n, 41) > 0.1 THEN
    pg_temp.pick('{Ship,Ask,Measure,Rewrite,Plan,Sketch,Fix,Étudier,Prüfen,確認}', n, 42) || ' '
    || pg_temp.pick('{the importer,prices,churn,onboarding,the roadmap,permissions,invoices,search,mobile,la página}', n, 43)
    || CASE WHEN pg_temp.share(n, 44) < 0.3 THEN ' ' || pg_temp.pick('{again,first,later,with care,before Friday}', n, 45) ELSE '' END
  ELSE '' END,
  CASE
    WHEN pg_temp.share(n, 46) < 0.6 THEN NULL
    WHEN pg_temp.share(n, 46) < 0.99 THEN pg_temp.pick(ARRAY[
      'Customers are waiting for this.', 'Nobody has asked twice.', 'Depends on the new permissions.', 'Worth a second look.',
      'https://example.com/specifications/17', 'Vgl. Protokoll vom Montag.', '来週までに。', 'À faire avant la réunion.'], n, 47)
    ELSE repeat('A long note that somebody pasted from a meeting: what was said, by whom, and what follows from it. ',
      5 + (n %% 60)::integer)
  END,
  (4000 * pg_temp.share(n, 48))::bigint - 2000,
  (4000 * pg_temp.share(n, 49))::bigint - 2000,
  CASE WHEN pg_temp.share(n, 70) < 0.35 THEN (1000 / (0.001 + pg_temp.share(n, 71)))::bigint END,
  CASE WHEN pg_temp.share(n, 72) > 0.02 THEN pg_temp.key('user', worker) END,
  coalesce(c.comments, 0),
  moment,
  moment + interval '5 days' * (CASE WHEN n %% 4 = 0 THEN pg_temp.share(n, 73) ELSE 0 END)
FROM generate_series(0, %(items)s - 1) AS n
CROSS JOIN LATERAL (SELECT pg_temp.canvas_of(n) OFFSET 0) AS board (canvas)
CROSS JOIN LATERAL (SELECT pg_temp.creator_of(canvas) OFFSET 0) AS person (creator)
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(creator) OFFSET 0) AS place (organisation)
CROSS JOIN LATERAL (SELECT pg_temp.worker(creator, organisation, n) OFFSET 0) AS staff (worker)
CROSS JOIN LATERAL (SELECT pg_temp.moment(n, 74, '2025-11-20 12:00:00+00', '2025-12-10 00:00:00+00') OFFSET 0) AS time (moment)
LEFT JOIN (
  SELECT pg_temp.item_of(thread), count(*)
  FROM (SELECT pg_temp.thread_of(comment) FROM generate_series(0, %(comments)s - 1) AS comment OFFSET 0) AS reply (thread)
  GROUP BY pg_temp.item_of(thread)
) AS c (item, comments) ON c.item = n;
