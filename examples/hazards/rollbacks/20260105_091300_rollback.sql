-- ============================================================================
-- Rollback: Widen the number of comments
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_091300_widen_comment_count.sql
-- ============================================================================

ALTER TABLE public.items ALTER COLUMN comment_count TYPE bigint;
