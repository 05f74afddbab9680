-- ============================================================================
-- Migration: Put the oldest month back into the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091800_rollback.sql
--
-- Changes:
-- - Partition private.activity_log_2025_10 is attached again
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.activity_log ATTACH PARTITION private.activity_log_2025_10
  FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2025-11-01 00:00:00+00');
