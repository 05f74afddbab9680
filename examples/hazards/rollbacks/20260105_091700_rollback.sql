-- ============================================================================
-- Rollback: Take the oldest month out of the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091700_detach_activity_october.sql
-- ============================================================================

ALTER TABLE public.activity_log ATTACH PARTITION private.activity_log_2025_10
  FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2025-11-01 00:00:00+00');
