-- ============================================================================
-- Migration: Create reactions
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema+RLS
-- Risk: High
-- Rollback: See rollbacks/20260105_093000_rollback.sql
--
-- Changes:
-- - Table public.reactions, everybody their own rows
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE TABLE public.reactions (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL,
  emoji text NOT NULL,
  CONSTRAINT reactions_pkey PRIMARY KEY (id)
);
ALTER TABLE public.reactions ENABLE ROW LEVEL SECURITY;
CREATE POLICY reactions_select ON public.reactions
  FOR SELECT TO authenticated
  USING (user_id = auth.uid());
