-- ============================================================================
-- Migration: Add birthdays, and forget to commit
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_092200_rollback.sql
--
-- Changes:
-- - Column public.users.birthday
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: no-transaction

BEGIN;
ALTER TABLE public.users ADD COLUMN birthday date;
