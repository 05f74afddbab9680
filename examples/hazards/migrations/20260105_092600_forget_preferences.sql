-- ============================================================================
-- Migration: Forget all preferences
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Data
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - All rows of public.user_preferences go
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the rows are gone; restore them from the backup taken before

DELETE FROM public.user_preferences;
