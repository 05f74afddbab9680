-- ============================================================================
-- Migration: Create feedback
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema+RLS
-- Risk: High
-- Rollback: See rollbacks/20260105_092900_rollback.sql
--
-- Changes:
-- - Table public.feedback that everybody may fill
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE TABLE public.feedback (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  body text NOT NULL,
  CONSTRAINT feedback_pkey PRIMARY KEY (id)
);
ALTER TABLE public.feedback ENABLE ROW LEVEL SECURITY;
CREATE POLICY feedback_insert ON public.feedback
  FOR INSERT TO authenticated
  WITH CHECK (true);
