-- The steps of a file that was carried out as a whole; its time is shared out evenly.
INSERT INTO lockgate.step (run_id, version, direction, step, position, kind, title, status, seconds, ended_at)
SELECT %(run_id)s, %(version)s, 'up', s.step, s.position - 1, s.kind, s.title, 'done',
       %(seconds)s::double precision / cardinality(%(steps)s::text[]), clock_timestamp()
FROM unnest(%(steps)s::text[], %(kinds)s::text[], %(titles)s::text[]) WITH ORDINALITY AS s (step, kind, title, position)
