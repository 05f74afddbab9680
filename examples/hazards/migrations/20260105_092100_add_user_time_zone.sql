-- ============================================================================
-- Migration: Add time zones, in the guide's own template
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_092100_rollback.sql
--
-- Changes:
-- - Column public.users.time_zone
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

BEGIN;
ALTER TABLE public.users ADD COLUMN time_zone text;
COMMIT;
