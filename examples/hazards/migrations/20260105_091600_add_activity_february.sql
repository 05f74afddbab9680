-- ============================================================================
-- Migration: Add a month to the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091600_rollback.sql
--
-- Changes:
-- - Partition private.activity_log_2026_02
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE TABLE private.activity_log_2026_02 PARTITION OF public.activity_log
  FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');
