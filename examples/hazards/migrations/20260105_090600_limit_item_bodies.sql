-- ============================================================================
-- Migration: Limit the length of items
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090600_rollback.sql
--
-- Changes:
-- - CHECK on public.items.body
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.items
  ADD CONSTRAINT items_body_check CHECK (char_length(body) <= 100000);
