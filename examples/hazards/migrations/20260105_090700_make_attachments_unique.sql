-- ============================================================================
-- Migration: Allow each file once for each item
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090700_rollback.sql
--
-- Changes:
-- - UNIQUE constraint on public.attachments (item_id, object_path)
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.attachments
  ADD CONSTRAINT attachments_item_id_object_path_key UNIQUE (item_id, object_path);
