-- ============================================================================
-- Migration: Drop the type of themes with what uses it
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - Type public.theme goes, and with it silently a column of public.user_preferences
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the column theme and its values are gone; restore them from the backup taken before

DROP TYPE public.theme CASCADE;
