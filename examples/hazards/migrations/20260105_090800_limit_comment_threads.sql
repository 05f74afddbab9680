-- ============================================================================
-- Migration: Add and validate a constraint in one go
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_090800_rollback.sql
--
-- Changes:
-- - CHECK on public.comments, NOT VALID, and its validation
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.comments
  ADD CONSTRAINT comments_parent_check CHECK (parent_id <> id) NOT VALID;
ALTER TABLE public.comments VALIDATE CONSTRAINT comments_parent_check;
