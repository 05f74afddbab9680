-- ============================================================================
-- Rollback: Index locales inside a transaction
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090300_index_user_locales.sql
-- ============================================================================

-- lockgate: no-transaction

DROP INDEX CONCURRENTLY public.users_locale_idx;
