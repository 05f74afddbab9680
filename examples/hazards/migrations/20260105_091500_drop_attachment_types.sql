-- ============================================================================
-- Migration: Drop the content types of attachments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: High
-- Rollback: None (see the directive below)
--
-- Changes:
-- - Column public.attachments.content_type goes
--
-- Dependencies:
-- - 20251208_100000_finish_users_full_name
--
-- Testing:
-- - The statement was only read, never run under load
-- ============================================================================

-- lockgate: irreversible the content types are nowhere else; restore them from the backup taken before

ALTER TABLE public.attachments DROP COLUMN content_type;
