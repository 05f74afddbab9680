-- ============================================================================
-- Rollback: Rename the description of canvases
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091400_rename_canvas_description.sql
-- ============================================================================

ALTER TABLE public.canvases RENAME COLUMN summary TO description;
