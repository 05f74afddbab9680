-- ============================================================================
-- Rollback: Add a month to the activity log
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091600_add_activity_february.sql
-- ============================================================================

DROP TABLE private.activity_log_2026_02;
