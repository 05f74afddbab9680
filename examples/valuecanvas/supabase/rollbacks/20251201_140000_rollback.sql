-- ============================================================================
-- Rollback: Add user preferences
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Rollback for: migrations/20251201_140000_add_user_preferences.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

DROP TABLE public.user_preferences;
DROP TYPE public.theme;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.user_preferences') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.user_preferences still exists';
  END IF;
END $$;
