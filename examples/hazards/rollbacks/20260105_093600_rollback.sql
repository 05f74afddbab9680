-- ============================================================================
-- Rollback: Rename attachments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_093600_rename_attachments.sql
-- ============================================================================

ALTER TABLE public.files RENAME TO attachments;
