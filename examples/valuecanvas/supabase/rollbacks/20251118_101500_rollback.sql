-- ============================================================================
-- Rollback: Create organisations and memberships
-- ============================================================================
-- Date: 2025-11-18
-- Author: ValueCanvas team
-- Rollback for: migrations/20251118_101500_create_organisations.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

-- The policies of organisations use organisation_ids(), which reads memberships: both go before it.
DROP TABLE public.memberships;
DROP TABLE public.organisations;
DROP FUNCTION private.count_members();
DROP FUNCTION private.add_owner();
DROP FUNCTION private.organisation_ids(public.member_role);
DROP TYPE public.organisation_plan;
DROP TYPE public.member_role;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.memberships') IS NOT NULL OR to_regclass('public.organisations') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.memberships or public.organisations still exists';
  END IF;
END $$;
