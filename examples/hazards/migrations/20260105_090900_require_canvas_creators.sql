-- ============================================================================
-- Migration: Require the creator of a canvas
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090900_rollback.sql
--
-- Changes:
-- - public.canvases.created_by becomes NOT NULL
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.canvases ALTER COLUMN created_by SET NOT NULL;
