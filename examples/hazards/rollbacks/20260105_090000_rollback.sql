-- ============================================================================
-- Rollback: Index e-mail addresses
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_090000_index_user_emails.sql
-- ============================================================================

-- lockgate: no-transaction

DROP INDEX CONCURRENTLY public.users_email_idx;
