-- ============================================================================
-- Migration: Create a look-up of owners
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Function
-- Risk: High
-- Rollback: See rollbacks/20260105_093400_rollback.sql
--
-- Changes:
-- - Function private.is_owner(organisation)
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE FUNCTION private.is_owner(organisation uuid) RETURNS boolean
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
AS $$
  SELECT EXISTS (
    SELECT FROM public.memberships AS m
    WHERE m.organisation_id = organisation AND m.user_id = (SELECT auth.uid()) AND m.role = 'owner'
  )
$$;
REVOKE EXECUTE ON FUNCTION private.is_owner(uuid) FROM PUBLIC;
