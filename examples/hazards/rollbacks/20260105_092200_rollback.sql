-- ============================================================================
-- Rollback: Add birthdays, and forget to commit
-- ============================================================================
-- Date: 2026-01-05
-- Author: ValueCanvas team
-- Rollback for: migrations/20260105_092200_add_user_birthday.sql
-- ============================================================================

ALTER TABLE public.users DROP COLUMN birthday;
