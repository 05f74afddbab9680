-- ============================================================================
-- Migration: Add user preferences
-- ============================================================================
-- Date: 2025-12-01
-- Author: ValueCanvas team
-- Type: Schema+RLS
-- Risk: Medium
-- Rollback: See rollbacks/20251201_140000_rollback.sql
--
-- Changes:
-- - Type public.theme
-- - Table public.user_preferences; a user without a row has the defaults
-- - Row-level security: everybody their own row
--
-- Dependencies:
-- - 20251117_090000_create_users
-- - Application 1.5
--
-- Testing:
-- - A user writes and reads the own row and no other
-- - The row disappears with its user
-- ============================================================================

CREATE TYPE public.theme AS ENUM ('system', 'light', 'dark');

CREATE TABLE public.user_preferences (
  user_id uuid NOT NULL DEFAULT auth.uid(),
  theme public.theme NOT NULL DEFAULT 'system',
  email_digest boolean NOT NULL DEFAULT true,
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_preferences_pkey PRIMARY KEY (user_id),
  CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE
);
COMMENT ON TABLE public.user_preferences IS 'What a user has chosen; no row means the defaults';

CREATE TRIGGER user_preferences_set_updated_at
  BEFORE UPDATE ON public.user_preferences
  FOR EACH ROW EXECUTE FUNCTION private.set_updated_at();

ALTER TABLE public.user_preferences ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.user_preferences FROM anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.user_preferences TO authenticated;

CREATE POLICY user_preferences_select ON public.user_preferences
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()));
CREATE POLICY user_preferences_insert ON public.user_preferences
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY user_preferences_update ON public.user_preferences
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid()))
  WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY user_preferences_delete ON public.user_preferences
  FOR DELETE TO authenticated
  USING (user_id = (SELECT auth.uid()));
