-- ============================================================================
-- Migration: Add a foreign key from items to organisations
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090500_rollback.sql
--
-- Changes:
-- - Foreign key public.items (organisation_id)
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.items
  ADD CONSTRAINT items_organisation_id_fkey FOREIGN KEY (organisation_id)
  REFERENCES public.organisations (id) ON DELETE CASCADE;
