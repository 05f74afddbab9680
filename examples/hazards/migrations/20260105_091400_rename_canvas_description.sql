-- ============================================================================
-- Migration: Rename the description of canvases
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091400_rollback.sql
--
-- Changes:
-- - public.canvases.description becomes summary
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.canvases RENAME COLUMN description TO summary;
