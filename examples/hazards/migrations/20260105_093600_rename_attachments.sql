-- ============================================================================
-- Migration: Rename attachments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: See rollbacks/20260105_093600_rollback.sql
--
-- Changes:
-- - public.attachments becomes files
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

ALTER TABLE public.attachments RENAME TO files;
