-- ============================================================================
-- Migration: Create the list of addresses
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_093300_rollback.sql
--
-- Changes:
-- - View public.member_emails over auth.users
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE VIEW public.member_emails
  WITH (security_invoker = true)
AS
  SELECT id, email FROM auth.users;
