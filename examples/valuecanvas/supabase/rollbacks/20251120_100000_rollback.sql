-- ============================================================================
-- Rollback: Create canvases and the items on them
-- ============================================================================
-- Date: 2025-11-20
-- Author: ValueCanvas team
-- Rollback for: migrations/20251120_100000_create_canvases_and_items.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

ALTER PUBLICATION supabase_realtime DROP TABLE public.items;
DROP TABLE public.items;
DROP TABLE public.canvases;
DROP FUNCTION private.move_item();
DROP FUNCTION private.count_items();
DROP TYPE public.item_kind;

-- Verification
DO $$
BEGIN
  IF to_regclass('public.items') IS NOT NULL OR to_regclass('public.canvases') IS NOT NULL THEN
    RAISE EXCEPTION 'Rollback failed: public.items or public.canvases still exists';
  END IF;
END $$;
