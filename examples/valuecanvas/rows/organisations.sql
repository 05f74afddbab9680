INSERT INTO public.organisations (id, name, slug, plan, created_by, member_count, created_at, updated_at)
SELECT
  pg_temp.key('organisation', n),
  pg_temp.pick('{Analytical,Blue,Crystal,"Très Grand",Über,日本,Quiet,Royal,Second,United}', n, 33) || ' '
    || pg_temp.pick('{Engines,Labs,Studio,Werke,"& Sons",製作所,Partners,Câmara,Foundation,Works}', n, 34) || ' ' || n,
  'organisation-' || n || '-' || %(seed)s,
  pg_temp.pick('{free,free,free,free,free,free,team,team,team,enterprise}', n, 35)::public.organisation_plan,
  pg_temp.key('user', n),
  coalesce(m.members, 0),
  timestamptz '2025-11-18 12:00:00+00',
  timestamptz '2025-11-18 12:00:00+00' + interval '10 days' * pg_temp.share(n, 36)
FROM generate_series(0, %(organisations)s - 1) AS n
LEFT JOIN (SELECT organisation_id, count(*) FROM public.memberships GROUP BY organisation_id) AS m (id, members)
  ON m.id = pg_temp.key('organisation', n);
