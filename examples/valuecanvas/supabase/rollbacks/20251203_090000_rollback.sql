-- ============================================================================
-- Rollback: Prove that every user has a full name
-- ============================================================================
-- Date: 2025-12-03
-- Author: ValueCanvas team
-- Rollback for: migrations/20251203_090000_validate_users_full_name.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

-- A validated constraint cannot be marked as unproved: it is made anew.
ALTER TABLE public.users DROP CONSTRAINT users_full_name_present;
ALTER TABLE public.users
  ADD CONSTRAINT users_full_name_present CHECK (full_name IS NOT NULL) NOT VALID;
