-- Verify: Create organisations and memberships. Each query must return true.

SELECT bool_and(relrowsecurity)
FROM pg_catalog.pg_class
WHERE oid IN ('public.organisations'::regclass, 'public.memberships'::regclass);

SELECT prosecdef AND 'search_path=""' = ANY (proconfig)
FROM pg_catalog.pg_proc
WHERE oid = 'private.organisation_ids(public.member_role)'::regprocedure;

SELECT NOT EXISTS (
  SELECT FROM public.organisations AS o
  WHERE o.member_count <> (SELECT count(*) FROM public.memberships AS m WHERE m.organisation_id = o.id)
);
