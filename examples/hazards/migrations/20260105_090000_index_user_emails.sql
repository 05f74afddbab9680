-- ============================================================================
-- Migration: Index e-mail addresses
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090000_rollback.sql
--
-- Changes:
-- - Index on public.users (email)
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE INDEX users_email_idx ON public.users (email);
