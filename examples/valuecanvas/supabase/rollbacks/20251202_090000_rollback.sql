-- ============================================================================
-- Rollback: Require users.full_name of new rows
-- ============================================================================
-- Date: 2025-12-02
-- Author: ValueCanvas team
-- Rollback for: migrations/20251202_090000_require_users_full_name.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

ALTER TABLE public.users DROP CONSTRAINT users_full_name_present;
