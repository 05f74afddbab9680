-- ============================================================================
-- Rollback: Backfill users.full_name
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Rollback for: migrations/20251201_140002_backfill_user_names.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

-- Only what was derived is taken back: it can be derived again. A name that somebody typed stays.
-- lockgate: backfill key=id

UPDATE public.users
SET full_name = NULL
WHERE full_name = private.display_name(first_name, last_name);
