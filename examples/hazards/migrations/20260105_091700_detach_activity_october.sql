-- ============================================================================
-- Migration: Take the oldest month out of the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_091700_rollback.sql
--
-- Changes:
-- - Partition private.activity_log_2025_10 is detached and kept
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.activity_log DETACH PARTITION private.activity_log_2025_10;
