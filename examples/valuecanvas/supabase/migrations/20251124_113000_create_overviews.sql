-- ============================================================================
-- Migration: Create the overviews that the start page reads
-- ============================================================================
-- Date: 2025-11-24
-- Author: ValueCanvas team
-- Type: Schema+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251124_113000_rollback.sql
--
-- Changes:
-- - View public.my_organisations: the caller's organisations, with role and number of members
-- - View public.canvas_overview: open canvases with their organisation and number of items
-- - Function public.search_items(organisation, query): full-text search over titles (without stemming: they are in all languages)
--
-- Dependencies:
-- - 20251120_100000_create_canvases_and_items
-- - Application 1.4
--
-- Testing:
-- - Views and function show no row that the policies of their tables hide
-- - A search finds words in any language and case; an empty search and a stranger find nothing
-- ============================================================================

CREATE VIEW public.my_organisations
  WITH (security_invoker = true)
AS
  SELECT o.id, o.name, o.slug, o.plan, m.role, o.member_count
  FROM public.memberships AS m
  JOIN public.organisations AS o ON o.id = m.organisation_id
  WHERE m.user_id = (SELECT auth.uid());
COMMENT ON VIEW public.my_organisations IS 'The organisations of the caller';

CREATE VIEW public.canvas_overview
  WITH (security_invoker = true)
AS
  SELECT c.id, c.organisation_id, o.name AS organisation_name, c.title, c.created_by, c.item_count, c.updated_at
  FROM public.canvases AS c
  JOIN public.organisations AS o ON o.id = c.organisation_id
  WHERE c.archived_at IS NULL;
COMMENT ON VIEW public.canvas_overview IS 'Canvases that are not archived';

REVOKE ALL ON TABLE public.my_organisations, public.canvas_overview FROM anon, authenticated;
GRANT SELECT ON TABLE public.my_organisations, public.canvas_overview TO authenticated;

-- Runs with the owner's rights and asks for the membership itself: under row-level security the planner may not use the
-- search index, because @@ is not leakproof.
CREATE FUNCTION private.matching_items(organisation uuid, query text) RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path = ''
AS $$
  SELECT i.id
  FROM public.items AS i
  WHERE i.organisation_id = organisation
    AND organisation IN (SELECT private.organisation_ids('viewer'))
    AND to_tsvector('pg_catalog.simple', i.title) @@ websearch_to_tsquery('pg_catalog.simple', query)
  ORDER BY i.updated_at DESC
  LIMIT 50
$$;
REVOKE EXECUTE ON FUNCTION private.matching_items(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION private.matching_items(uuid, text) TO authenticated;

CREATE FUNCTION public.search_items(organisation uuid, query text) RETURNS SETOF public.items
  LANGUAGE sql
  STABLE
  SECURITY INVOKER
  SET search_path = ''
AS $$
  SELECT i.*
  FROM public.items AS i
  WHERE i.id IN (SELECT private.matching_items(organisation, query))
  ORDER BY i.updated_at DESC
$$;
COMMENT ON FUNCTION public.search_items(uuid, text) IS 'The 50 latest items of an organisation whose titles match';
REVOKE EXECUTE ON FUNCTION public.search_items(uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.search_items(uuid, text) TO authenticated;
