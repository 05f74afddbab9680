-- ============================================================================
-- Migration: Index locales inside a transaction
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090300_rollback.sql
--
-- Changes:
-- - Index on public.users (locale), built concurrently
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: no-transaction

BEGIN;
CREATE INDEX CONCURRENTLY users_locale_idx ON public.users (locale);
COMMIT;
