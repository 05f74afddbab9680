-- ============================================================================
-- Rollback: Index the actors of the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090100_index_activity_actors.sql
-- ============================================================================

DROP INDEX public.activity_log_actor_id_idx;
