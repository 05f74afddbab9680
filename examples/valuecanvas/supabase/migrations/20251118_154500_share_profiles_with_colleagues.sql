-- ============================================================================
-- Migration: Let members see the profiles of their colleagues
-- ============================================================================
-- Date: 2025-11-18
-- Author: ValueCanvas team
-- Type: RLS+Function
-- Risk: Medium
-- Rollback: See rollbacks/20251118_154500_rollback.sql
--
-- Changes:
-- - private.colleague_ids(): everybody who shares an organisation with the caller
-- - The policy users_select lets a user see colleagues, not only the own row
--
-- Dependencies:
-- - 20251118_101500_create_organisations
-- - Application 1.1 (works before and after: it only sees more rows)
--
-- Testing:
-- - A user sees colleagues of two organisations once each, and no stranger
-- - A user without an organisation still sees the own row
-- ============================================================================

CREATE FUNCTION private.colleague_ids() RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path = ''
AS $$
  SELECT DISTINCT other.user_id
  FROM public.memberships AS mine
  JOIN public.memberships AS other ON other.organisation_id = mine.organisation_id
  WHERE mine.user_id = (SELECT auth.uid())
$$;
COMMENT ON FUNCTION private.colleague_ids() IS 'Everybody who shares an organisation with the caller';
REVOKE EXECUTE ON FUNCTION private.colleague_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION private.colleague_ids() TO authenticated, service_role;

ALTER POLICY users_select ON public.users
  USING (id = (SELECT auth.uid()) OR id IN (SELECT private.colleague_ids()));
