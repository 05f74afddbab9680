-- ============================================================================
-- Rollback: Add and validate a constraint in one go
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090800_limit_comment_threads.sql
-- ============================================================================

ALTER TABLE public.comments DROP CONSTRAINT comments_parent_check;
