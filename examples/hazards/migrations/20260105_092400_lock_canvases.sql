-- ============================================================================
-- Migration: Lock canvases against changes
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_092400_rollback.sql
--
-- Changes:
-- - Takes a lock and adds a comment
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

LOCK TABLE public.canvases IN EXCLUSIVE MODE;
COMMENT ON TABLE public.canvases IS 'A board';
