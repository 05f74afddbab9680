-- ============================================================================
-- Rollback: Create users, one row for each sign-up
-- ============================================================================
-- Date: 2025-11-17
-- Author: ValueCanvas team
-- Rollback for: migrations/20251117_090000_create_users.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

-- CASCADE reaches the trigger on auth.users and nothing else: that table is the platform's, and DROP TRIGGER is for
-- its owner alone.
DROP FUNCTION private.handle_new_user() CASCADE;
DROP TABLE public.users;
DROP FUNCTION private.set_updated_at();
DROP SCHEMA private;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.users') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.users still exists';
  END IF;
END $$;
