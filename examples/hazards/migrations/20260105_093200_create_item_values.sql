-- ============================================================================
-- Migration: Create the sum of values
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_093200_rollback.sql
--
-- Changes:
-- - View public.item_values
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE VIEW public.item_values AS
  SELECT organisation_id, sum(value_cents) AS value_cents
  FROM public.items
  GROUP BY organisation_id;
