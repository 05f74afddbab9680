-- Founders, members, and a guest here and there; nobody twice in one organisation.
INSERT INTO public.memberships (organisation_id, user_id, role, created_at)
SELECT pg_temp.key('organisation', n), pg_temp.key('user', n), 'owner', timestamptz '2025-11-18 12:00:00+00'
FROM generate_series(0, %(organisations)s - 1) AS n
UNION ALL
SELECT
  pg_temp.key('organisation', home),
  pg_temp.key('user', n),
  pg_temp.pick('{viewer,viewer,viewer,editor,editor,editor,editor,editor,editor,admin}', n, 30)::public.member_role,
  timestamptz '2025-11-18 12:00:00+00'
FROM generate_series(0, %(users)s - 1) AS n
CROSS JOIN LATERAL (SELECT pg_temp.organisation_of(n) OFFSET 0) AS place (home)
WHERE pg_temp.is_member(n) AND home <> n
UNION ALL
SELECT pg_temp.key('organisation', away), pg_temp.key('user', n), 'viewer', timestamptz '2025-11-19 12:00:00+00'
FROM generate_series(0, %(users)s - 1) AS n
CROSS JOIN LATERAL (
  SELECT floor(%(organisations)s * pg_temp.share(n, 31))::bigint, pg_temp.organisation_of(n) OFFSET 0
) AS place (away, home)
WHERE pg_temp.share(n, 32) < 0.28 AND away NOT IN (home, n);
