-- ============================================================================
-- Rollback: Add a colour to canvases
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091000_add_canvas_colour.sql
-- ============================================================================

ALTER TABLE public.canvases DROP COLUMN colour;
