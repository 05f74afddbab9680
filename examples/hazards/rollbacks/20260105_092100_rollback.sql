-- ============================================================================
-- Rollback: Add time zones, in the guide's own template
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_092100_add_user_time_zone.sql
-- ============================================================================

ALTER TABLE public.users DROP COLUMN time_zone;
