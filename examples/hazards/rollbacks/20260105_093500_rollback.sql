-- ============================================================================
-- Rollback: Create a counter of users for the front page
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_093500_create_row_counter.sql
-- ============================================================================

DROP FUNCTION public.count_users();
