-- ============================================================================
-- Migration: Index the actors of the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090100_rollback.sql
--
-- Changes:
-- - Index on public.activity_log (actor_id), a partitioned table
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE INDEX activity_log_actor_id_idx ON public.activity_log (actor_id);
