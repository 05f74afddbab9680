-- ============================================================================
-- Rollback: Index the search and the latest items
-- ============================================================================
-- Date: 2025-11-25
-- Author: ValueCanvas team
-- Rollback for: migrations/20251125_070000_index_item_search.sql
--
-- Steps to rollback:
-- 1. Backup current state
-- 2. Run this script
-- 3. Verify application still works
-- 4. Monitor for issues
-- ============================================================================

-- lockgate: no-transaction

DROP INDEX CONCURRENTLY public.items_organisation_id_idx;
DROP INDEX CONCURRENTLY public.items_search_idx;
