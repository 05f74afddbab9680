-- ============================================================================
-- Rollback: Lock canvases against changes
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_092400_lock_canvases.sql
-- ============================================================================

COMMENT ON TABLE public.canvases IS 'A board on which an organisation collects items';
