INSERT INTO public.comments (id, organisation_id, item_id, parent_id, author_id, body, created_at, updated_at)
SELECT
  pg_temp.key('comment', n),
  pg_temp.key('organisation', organisation),
  pg_temp.key('item', item),
  CASE WHEN thread <> n THEN pg_temp.key('comment', thread) END,
  CASE WHEN pg_temp.share(n, 50) > 0.04 THEN pg_temp.key('user', worker) END,
  CASE
    WHEN pg_temp.share(n, 51) > 0.002 THEN pg_temp.pick(ARRAY[
      'Looks good to me.', '👍', 'Can we do this by Friday?', 'これでお願いします。', 'Pourquoi pas ?',
      'I do not agree: the numbers of last quarter say otherwise, and nobody has checked them since. Please do before we show this to the customer.',
      'See https://example.com/boards/17?focus=3#today', E'Two things:\n- the title\n- the value', 'Erledigt.', '+1'], n, 52)
    -- A pasted log, too long and too random to stay in the row.
    ELSE (SELECT string_agg(md5(line::text || n::text), E'\n') FROM generate_series(1, 100 + n %% 400) AS line)
  END,
  moment,
  moment + interval '1 hour' * (CASE WHEN n %% 20 = 0 THEN 1 ELSE 0 END)
FROM generate_series(0, %(comments)s - 1) AS n
CROSS JOIN LATERAL (SELECT pg_temp.thread_of(n) OFFSET 0) AS reply (thread)
CROSS JOIN LATERAL (SELECT pg_temp.item_of(thread) OFFSET 0) AS subject (item)
CROSS JOIN LATERAL (SELECT pg_temp.canvas_of(item) OFFSET 0) AS board (canvas)
CROSS JOIN LATERAL (SELECT pg_temp.creator_of(canvas) OFFSET 0) AS person (creator)
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(creator) OFFSET 0) AS place (organisation)
CROSS JOIN LATERAL (SELECT pg_temp.worker(creator, organisation, n) OFFSET 0) AS staff (worker)
CROSS JOIN LATERAL (SELECT pg_temp.moment(n, 53, '2025-11-22 00:00:00+00', '2025-12-15 00:00:00+00') OFFSET 0) AS time (moment);
