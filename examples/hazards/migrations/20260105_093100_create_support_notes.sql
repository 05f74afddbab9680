-- ============================================================================
-- Migration: Create support notes
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema+RLS
-- Risk: High
-- Rollback: See rollbacks/20260105_093100_rollback.sql
--
-- Changes:
-- - Table public.support_notes for the support team
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

CREATE TABLE public.support_notes (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  body text NOT NULL,
  CONSTRAINT support_notes_pkey PRIMARY KEY (id)
);
ALTER TABLE public.support_notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY support_notes_select ON public.support_notes
  FOR SELECT TO authenticated
  USING ((SELECT auth.jwt() -> 'user_metadata' ->> 'team') = 'support');
