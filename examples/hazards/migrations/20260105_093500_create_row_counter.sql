-- ============================================================================
-- Migration: Create a counter of users for the front page
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Function
-- Risk: High
-- Rollback: See rollbacks/20260105_093500_rollback.sql
--
-- Changes:
-- - Function public.count_users()
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE FUNCTION public.count_users() RETURNS bigint
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path = ''
AS $$
  SELECT count(*) FROM public.users
$$;
