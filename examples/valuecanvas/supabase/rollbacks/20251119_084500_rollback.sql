-- ============================================================================
-- Rollback: Create the activity log, one partition a month
-- ============================================================================
-- Date: 2025-11-19
-- Author: ValueCanvas team
-- Rollback for: migrations/20251119_084500_create_activity_log.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

DROP FUNCTION private.record_activity();
DROP TABLE public.activity_log;
DROP TYPE public.activity_action;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.activity_log') IS NOT NULL OR to_regclass('private.activity_log_default') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.activity_log or private.activity_log_default still exists';
  END IF;
END $$;
