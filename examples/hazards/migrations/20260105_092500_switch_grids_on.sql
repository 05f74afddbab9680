-- ============================================================================
-- Migration: Switch the grid on for everybody
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Data
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - public.canvases.settings of every row
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the earlier settings are overwritten; restore them from the backup taken before

UPDATE public.canvases SET settings = settings || '{"grid": true}';
