-- ============================================================================
-- Migration: Drop preferences
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - Table public.user_preferences goes
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the rows are gone; restore them from the backup taken before

DROP TABLE public.user_preferences;
