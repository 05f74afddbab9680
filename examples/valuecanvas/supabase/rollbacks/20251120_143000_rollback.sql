-- ============================================================================
-- Rollback: Create comments and attachments
-- ============================================================================
-- Date: 2025-11-20
-- Author: ValueCanvas team
-- Rollback for: migrations/20251120_143000_create_comments_and_attachments.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

ALTER PUBLICATION supabase_realtime DROP TABLE public.comments;
DROP TABLE public.attachments;
DROP TABLE public.comments;
DROP FUNCTION private.count_comments();

-- Verification
DO $$
BEGIN
  IF to_regclass('public.attachments') IS NOT NULL OR to_regclass('public.comments') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.attachments or public.comments still exists';
  END IF;
END $$;
