-- ============================================================================
-- Migration: Empty the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Data
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - All rows of public.activity_log go
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the rows are gone; restore them from the backup taken before

TRUNCATE public.activity_log;
