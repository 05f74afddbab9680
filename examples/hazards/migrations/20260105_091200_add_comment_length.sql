-- ============================================================================
-- Migration: Keep the length of comments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091200_rollback.sql
--
-- Changes:
-- - Generated column public.comments.body_length
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.comments
  ADD COLUMN body_length bigint GENERATED ALWAYS AS (char_length(body)) STORED;
