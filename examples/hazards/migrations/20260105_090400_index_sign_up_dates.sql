-- ============================================================================
-- Migration: Index the dates of sign-ups, if it is not there
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090400_rollback.sql
--
-- Changes:
-- - Index on public.users (created_at), built concurrently
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: no-transaction

CREATE INDEX CONCURRENTLY IF NOT EXISTS users_created_at_idx ON public.users (created_at);
