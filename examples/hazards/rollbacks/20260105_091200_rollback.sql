-- ============================================================================
-- Rollback: Keep the length of comments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091200_add_comment_length.sql
-- ============================================================================

ALTER TABLE public.comments DROP COLUMN body_length;
