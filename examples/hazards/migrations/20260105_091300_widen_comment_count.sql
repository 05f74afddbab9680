-- ============================================================================
-- Migration: Widen the number of comments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091300_rollback.sql
--
-- Changes:
-- - public.items.comment_count becomes numeric
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.items ALTER COLUMN comment_count TYPE numeric;
