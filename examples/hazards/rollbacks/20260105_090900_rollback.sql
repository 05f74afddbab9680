-- ============================================================================
-- Rollback: Require the creator of a canvas
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090900_require_canvas_creators.sql
-- ============================================================================

ALTER TABLE public.canvases ALTER COLUMN created_by DROP NOT NULL;
