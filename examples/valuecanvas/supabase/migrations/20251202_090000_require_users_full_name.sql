-- ============================================================================
-- Migration: Require users.full_name of new rows
-- ============================================================================
-- Date: 2025-12-02
-- Author: ValueCanvas team
-- Type: Schema
-- Risk: Medium
-- Rollback: See rollbacks/20251202_090000_rollback.sql
--
-- Changes:
-- - CHECK (full_name IS NOT NULL) NOT VALID on public.users: enforced for every write from now on
--
-- Dependencies:
-- - 20251201_140002_backfill_user_names (before it, updates of old rows would fail)
-- - Application 1.5 and 1.6 side by side
--
-- Testing:
-- - An insert without names passes, because the trigger fills the column; setting it to NULL fails
-- ============================================================================

-- lockgate: change users-full-name 3/5 migrate

ALTER TABLE public.users
  ADD CONSTRAINT users_full_name_present CHECK (full_name IS NOT NULL) NOT VALID;
