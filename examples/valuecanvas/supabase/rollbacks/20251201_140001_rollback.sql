-- ============================================================================
-- Rollback: Add users.full_name and keep it filled
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Rollback for: migrations/20251201_140001_add_users_full_name.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

DROP TRIGGER users_fill_full_name ON public.users;
ALTER TABLE public.users DROP COLUMN full_name;
DROP FUNCTION private.fill_full_name();
DROP FUNCTION private.display_name(text, text);
