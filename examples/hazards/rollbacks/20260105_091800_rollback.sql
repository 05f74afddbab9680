-- ============================================================================
-- Rollback: Put the oldest month back into the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091800_attach_activity_october.sql
-- ============================================================================

ALTER TABLE public.activity_log DETACH PARTITION private.activity_log_2025_10;
