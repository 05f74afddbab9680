-- ============================================================================
-- Migration: Add a colour to canvases
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091000_rollback.sql
--
-- Changes:
-- - Column public.canvases.colour
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.canvases ADD COLUMN colour text NOT NULL;
