-- ============================================================================
-- Rollback: Index the dates of sign-ups, if it is not there
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090400_index_sign_up_dates.sql
-- ============================================================================

-- lockgate: no-transaction

DROP INDEX CONCURRENTLY public.users_created_at_idx;
