-- ============================================================================
-- Rollback: Let members see the profiles of their colleagues
-- ============================================================================
-- Date: 2025-11-18
-- Author: ValueCanvas team
-- Rollback for: migrations/20251118_154500_share_profiles_with_colleagues.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

ALTER POLICY users_select ON public.users
  USING (id = (SELECT auth.uid()));
DROP FUNCTION private.colleague_ids();
