-- ============================================================================
-- Rollback: Create the overviews that the start page reads
-- ============================================================================
-- Date: 2025-11-24
-- Author: ValueCanvas team
-- Rollback for: migrations/20251124_113000_create_overviews.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

DROP FUNCTION public.search_items(uuid, text);
DROP FUNCTION private.matching_items(uuid, text);
DROP VIEW public.canvas_overview;
DROP VIEW public.my_organisations;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.canvas_overview') IS NOT NULL OR to_regclass('public.my_organisations') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.canvas_overview or public.my_organisations still exists';
  END IF;
END $$;
